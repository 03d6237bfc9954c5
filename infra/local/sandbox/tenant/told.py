"""Events that keep changing after they happened: computed for any instant, with what tests tell on top."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.event_log import precise


@dataclass(frozen=True, slots=True)
class Pace:
    """Numbered instants `step` seconds apart, the first one at `origin` (epoch seconds).

    They depend on nothing else: an instant has the same number whenever it is looked at.
    """

    origin: float
    step: float

    def between(self, low: float, high: float) -> range:
        """The numbers of the instants with `low <= instant <= high`, oldest first."""
        first = max(0, -int((self.origin - low) // self.step))
        return range(first, max(first, int((high - self.origin) // self.step) + 1))

    def at(self, number: int) -> float:
        """The instant of a number."""
        return self.origin + number * self.step


@dataclass(slots=True)
class Told:
    """What an administrator told by hand: objects that replace computed ones, or are new.

    `find` answers the computed object at an instant that an event is about, or None; `stamp_key` is the
    property that says when something happened. Values of `key` tell objects apart. An object that
    changes takes a new stamp only if `restamped`.
    """

    find: Callable[[Entity, float], Entity | None]
    example: Callable[[float], Entity]
    stamp_key: str
    key: tuple[str, ...] = ("id",)
    restamped: bool = True
    objects: dict[tuple[str, ...], Entity] = field(default_factory=dict)
    _added: set[tuple[str, ...]] = field(default_factory=set)

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """Add an object of `age` seconds ago, or change one; what `event` leaves out is as it was.

        Raises ValueError for `twice`: such an object is listed once.
        """
        if twice:
            raise ValueError("what changes is listed once")
        known = self._known(event, now.timestamp()) if "id" in event else None
        changed = {self.stamp_key: precise((now - timedelta(seconds=age)).timestamp())}
        if known is None:
            told = {**self.example(now.timestamp()), "id": str(uuid4()), **changed, **event}
            self._added.add(self._key(told))
        else:
            told = {**known, **(changed if self.restamped else {}), **event}
        self.objects[self._key(told)] = told
        return told

    def _known(self, event: Entity, moment: float) -> Entity | None:
        wanted = {name: event[name] for name in self.key if name in event}
        for told in self.objects.values():
            if all(told[name] == value for name, value in wanted.items()):
                return told
        return self.find(event, moment)

    def _key(self, row: Entity) -> tuple[str, ...]:
        return tuple(row[name] for name in self.key)

    def added(self) -> list[Entity]:
        """The told objects that stand for no computed one."""
        return [self.objects[key] for key in self._added]

    def instead(self, computed: Iterable[Entity]) -> list[Entity]:
        """Computed objects with the told ones in their places."""
        if not self.objects:
            return list(computed)
        return [self.objects.get(self._key(row), row) for row in computed]

    def over(self, computed: Iterable[Entity]) -> list[Entity]:
        """As `instead`, with every other told object in front."""
        rows = self.instead(computed)
        keys = {self._key(row) for row in rows} if self.objects else set()
        return [*(told for key, told in self.objects.items() if key not in keys), *rows]
