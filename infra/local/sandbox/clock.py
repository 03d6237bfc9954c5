"""The sandbox's clock: the stack's time plus an offset that the admin endpoint moves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.core import clock


@dataclass(slots=True)
class Clock:
    """Sandbox time. The offset only ever grows, so time never runs backwards."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The present instant of the sandbox, UTC."""
        return clock.now() + self.offset

    def advance(self, seconds: float) -> datetime:
        """Move time forward by `seconds` and return the new present."""
        if seconds < 0:
            raise ValueError("sandbox time only moves forward")
        self.offset += timedelta(seconds=seconds)
        return self.now()


def stamp(instant: datetime) -> str:
    """`2026-08-01T09:30:00Z`, the precision Graph uses for directory objects."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def epoch_stamp(seconds: int) -> str:
    """The same form for seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"
