"""A collection of directory objects: computed from the seed, with versioned changes on top."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.sandbox.tenant.timeline import Timeline

type Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """State of one object from a sequence number on; `state` is None once it is gone.

    `reason` is what `@removed` says: `changed` for a soft delete, `deleted` for a final one.
    """

    sequence: int
    state: Entity | None
    reason: str = ""


class Collection:
    """Seeded objects on `size` positions, made on demand (None: nothing is there), then the created ones."""

    def __init__(
        self,
        name: str,
        timeline: Timeline,
        size: int,
        make: Callable[[int], Entity | None],
        index_of: Callable[[str], int | None],
    ) -> None:
        self.name = name
        self.timeline = timeline
        self.size = size
        self._make = make
        self._index_of = index_of
        self._versions: dict[str, list[Version]] = {}
        self._created: list[str] = []
        self.log: list[tuple[int, str]] = []

    @classmethod
    def of(cls, name: str, timeline: Timeline, objects: list[Entity]) -> "Collection":
        """A small collection whose seeded objects are simply listed."""
        positions = {item["id"].lower(): n for n, item in enumerate(objects)}
        return cls(
            name, timeline, len(objects), objects.__getitem__, lambda i: positions.get(i.lower())
        )

    def __len__(self) -> int:
        """Positions, deleted objects included."""
        return self.size + len(self._created)

    def __contains__(self, key: str) -> bool:
        """Whether the object is or was here."""
        return key in self._versions or self.seeded(key) is not None

    @property
    def changed_ids(self) -> list[str]:
        """Every id that ever changed, was created or deleted."""
        return list(self._versions)

    def seeded(self, key: str) -> Entity | None:
        """The object as the seed made it, None if it was created later or never existed."""
        index = self._index_of(key)
        return self._make(index) if index is not None and 0 <= index < self.size else None

    def state(self, key: str, sequence: int | None = None) -> Entity | None:
        """The object at a sequence number (default: now), None if absent or deleted then."""
        versions = self._versions.get(key)
        if versions is not None:
            for version in reversed(versions):
                if sequence is None or version.sequence <= sequence:
                    return version.state
        return self.seeded(key)

    def last_change(self, key: str, sequence: int) -> int:
        """The sequence number at which an object took the state it has at `sequence`, 0 if seeded."""
        numbers = (version.sequence for version in self._versions.get(key, ()))
        return max((number for number in numbers if number <= sequence), default=0)

    def gone(self, key: str) -> bool:
        """Whether the object was deleted and not restored."""
        return key in self._versions and self._versions[key][-1].state is None

    def reason(self, key: str) -> str:
        """Why the object is gone."""
        return self._versions[key][-1].reason

    def before_deletion(self, key: str) -> Entity:
        """The last state of an object that is gone."""
        for version in reversed(self._versions[key]):
            if version.state is not None:
                return version.state
        found = self.seeded(key)
        if found is None:
            raise KeyError(key)
        return found

    def rows(self, start: int, stop: int, sequence: int | None = None) -> Iterator[Entity]:
        """The living objects of the positions `start` to `stop` (exclusive)."""
        make, touched = self._make, self._versions
        for index in range(start, min(stop, self.size)):
            row: Entity | None = make(index)
            if touched and row is not None and row["id"] in touched:
                row = self.state(row["id"], sequence)
            if row is not None:
                yield row
        for key in self._created[max(0, start - self.size) : max(0, stop - self.size)]:
            row = self.state(key, sequence)
            if row is not None:
                yield row

    def put(self, key: str, state: Entity | None, reason: str = "") -> int:
        """Record a new state; creates the object when the id is new. Returns the sequence number."""
        sequence = self.timeline.tick()
        if key not in self._versions:
            self._versions[key] = []
            if self.seeded(key) is None:
                self._created.append(key)
                self._versions[key].append(Version(0, None))
        self._versions[key].append(Version(sequence, state, reason))
        self.log.append((sequence, key))
        return sequence

    def changed_since(self, sequence: int, until: int) -> list[str]:
        """Ids changed after `sequence` up to `until`, in order of their last change, each once."""
        latest: dict[str, None] = {}
        for number, key in reversed(self.log):
            if number <= sequence:
                break
            if number <= until:
                latest.setdefault(key)
        return list(reversed(latest))
