"""Rows on their way from Graph to the store."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec


class Parent(msgspec.Struct, frozen=True, omit_defaults=True):
    """An object below which is read: its id, its columns that the request or the rows need, and the
    link to what has changed below it since it was read last (None: all of it is to be read)."""

    id: str
    columns: dict[str, str | None] = {}
    link: str | None = None


@dataclass(slots=True)
class Rejected:
    """One object that could not be decoded: its id where readable, and why."""

    id: str | None
    cause: str


@dataclass(slots=True)
class Rows:
    """One batch, in the order Graph sent it; the lists run in parallel.

    `values` holds one tuple per row in the collector's column order, typed as the column says
    (timestamp: aware datetime, date: date, json: bytes of JSON). `hashes` are 16 bytes over the
    content. `raws` are the bytes of the object as JSON. `parents` is the scope of fan-out rows, else
    empty. `dates` is the report date of measures, else empty. `removed` are ids that a delta page
    marked `@removed`; `removed_after` tells for each how many rows stood before it in the page. An
    id may occur twice, also as removed: the last occurrence wins. `mended` counts the rows in which
    something that cannot be kept was replaced. `prepared` is what the store made of the batch beforehand.
    """

    ids: list[str] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    values: list[tuple[object, ...]] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    dates: list[object] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    removed_after: list[int] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    mended: int = 0
    prepared: object = None

    def extend(self, other: "Rows") -> None:
        """Append the rows of `other`, which came later."""
        self.prepared = None
        self.mended += other.mended
        self.removed_after += [len(self.ids) + place for place in other.removed_after]
        for name in ("ids", "hashes", "values", "raws", "parents", "dates", "removed", "rejected"):
            getattr(self, name).extend(getattr(other, name))

    def rows_at(self, positions: Sequence[int]) -> "Rows":
        """Return the rows at `positions`, which are in order; no removals and no rejections."""
        part = Rows()
        for name in ("ids", "hashes", "values", "raws", "parents", "dates"):
            column = getattr(self, name)
            setattr(part, name, [column[n] for n in positions] if column else [])
        return part

    def without(self, bad: Mapping[int, Rejected]) -> "Rows":
        """Return the batch with the rows at the positions `bad` among the rejected.

        A removal that such a row followed goes with it: the object had come back.
        """
        kept = [n for n in range(len(self.ids)) if n not in bad]
        rest = self.rows_at(kept)
        rest.mended, rest.rejected = self.mended, [*self.rejected, *bad.values()]
        came_back = {self.ids[n]: n for n in sorted(bad)}
        after = self.removed_after or [len(self.ids)] * len(self.removed)
        for gone, place in zip(self.removed, after, strict=True):
            if came_back.get(gone, -1) < place:
                rest.removed.append(gone)
                rest.removed_after.append(bisect_left(kept, place))
        return rest
