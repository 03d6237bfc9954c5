"""The one place that reads the wall clock, always in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, timezone-aware, UTC."""
    return datetime.now(UTC)


def written(moment: datetime) -> str:
    """Return an instant as the API writes it: UTC with a Z, fit for a URL (a + there is a space)."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
