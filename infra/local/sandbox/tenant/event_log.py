"""A log of events in order of time: seeded backwards from the anchor, newer ones appended."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity

KEPT_DAYS = 30  # "Reports and data retention": sign-ins and audits, P1 and P2


def spacing(events: int) -> float:
    """Seconds between seeded events that fill the kept days."""
    return KEPT_DAYS * DAY / max(1, events)


def precise(seconds: float) -> str:
    """`2026-08-01T09:30:00.1234567Z`: audit objects carry seven digits."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "0Z")


class EventLog:
    """Events in order of time, newest first; position 0 is the newest seeded one.

    `time_of(i)` must fall as `i` grows. Appended events are few and kept as objects.
    """

    def __init__(
        self,
        size: int,
        time_of: Callable[[int], float],
        make: Callable[[int], Entity],
        time_key: str,
    ) -> None:
        self.size = size
        self._time_of = time_of
        self._make = make
        self.time_key = time_key
        self.appended: list[Entity] = []

    def append(self, event: Entity) -> None:
        """Add an event; it may be older than the newest one (late delivery)."""
        self.appended.append(event)
        self.appended.sort(key=lambda item: item[self.time_key])

    def __len__(self) -> int:
        return self.size + len(self.appended)

    def at(self, position: int) -> Entity:
        """The event at a position, newest first."""
        fresh = len(self.appended)
        if position < fresh:
            return self.appended[fresh - 1 - position]
        return self._make(position - fresh)

    def all(self) -> list[Entity]:
        """Every event, newest first."""
        return [self.at(position) for position in range(len(self))]

    def window(self, low: float, high: float) -> Iterator[int]:
        """Positions of the events with `low <= time <= high` (epoch seconds)."""
        fresh = len(self.appended)
        for position in range(fresh):
            if low <= datetime.fromisoformat(self.at(position)[self.time_key]).timestamp() <= high:
                yield position
        for index in range(self.size):
            moment = self._time_of(index)
            if moment < low:
                return
            if moment <= high:
                yield fresh + index
