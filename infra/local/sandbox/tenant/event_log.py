"""A log of events in order of time: seeded backwards from the anchor, newer ones appended."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import takewhile
from uuid import uuid4

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

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """Add an event that happened `age` seconds ago, or tell of one again.

        What `event` leaves out is as in the newest one, or, with the id of an event added before,
        as in that one, which it replaces unless `twice` wants both listed.
        """
        known = next((old for old in self.appended if old["id"] == event.get("id")), None)
        if known is not None and not twice:
            self.appended.remove(known)
        moment = precise((now - timedelta(seconds=age)).timestamp())
        told = {**(known or self.at(0)), "id": str(uuid4()), **event, self.time_key: moment}
        self.append(told)
        return told

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
        """Positions of the events with `low <= time <= high` (epoch seconds), newest first."""
        fresh = len(self.appended)
        times = (
            datetime.fromisoformat(event[self.time_key]).timestamp()
            for event in reversed(self.appended)
        )
        late = [(moment, n) for n, moment in enumerate(times) if low <= moment <= high]
        seeded = ((self._time_of(index), fresh + index) for index in range(self.size))
        recent = takewhile(lambda item: item[0] >= low, seeded)
        for moment, position in merge(late, recent, key=lambda item: -item[0]):
            if moment <= high:
                yield position
