"""The one place that reads the wall clock, always in UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, timezone-aware, UTC."""
    return datetime.now(UTC)
