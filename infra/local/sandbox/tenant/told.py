"""Events that keep changing after they happened: computed for any instant, with what tests tell on top."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
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
    """What an administrator told by hand: objects that replace the computed ones of their id, or are new.

    `find` answers the computed object of an id at an instant, or None; `stamp_key` is the property that
    says when an object last changed.
    """

    find: Callable[[str, float], Entity | None]
    example: Callable[[float], Entity]
    stamp_key: str
    objects: dict[str, Entity] = field(default_factory=dict)

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """Add an object that changed `age` seconds ago, or change one; the rest is as it was.

        Raises ValueError for `twice`: an id is listed once.
        """
        if twice:
            raise ValueError("an object that changes is listed once")
        key, moment = str(event.get("id") or uuid4()), now.timestamp()
        known = self.objects.get(key) or self.find(key, moment) or self.example(moment)
        changed = precise((now - timedelta(seconds=age)).timestamp())
        told: dict[str, Any] = {**known, "id": key, self.stamp_key: changed, **event}
        self.objects[key] = told
        return told

    def over(self, computed: Iterator[Entity]) -> Iterator[Entity]:
        """The computed objects with the told ones in their places; the new ones come first."""
        rows = list(computed) if self.objects else computed
        ids = {row["id"] for row in rows} if isinstance(rows, list) else set()
        yield from (told for key, told in self.objects.items() if key not in ids)
        for row in rows:
            yield self.objects.get(row["id"], row)
