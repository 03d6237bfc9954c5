"""Prepares a batch for the server: which row of an id counts, and text PostgreSQL can hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.core.rows import Rows

# PostgreSQL has no U+0000 in text or jsonb. The escape counts only after an even number of
# backslashes.
_NUL = b"\\u0000"
_NUL_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with one row per key, and the ids that were removed.

    `positions` are those of its rows in `rows`: of events in order, of all else in the order of their
    keys. PostgreSQL then finds the place of each in the indexes of the key next to the one before.
    """

    rows: Rows
    positions: list[int]
    removed: list[str]

    @property
    def ids(self) -> list[str]:
        """The ids at `positions`."""
        return self.pick(self.rows.ids)

    @property
    def subjects(self) -> list[str]:
        """What a full read notes as seen: the ids, of a measure with their report date."""
        if not self.rows.dates:
            return self.ids
        return [
            f"{day}/{own}" for day, own in zip(self.pick(self.rows.dates), self.ids, strict=True)
        ]

    def pick[T](self, column: list[T]) -> list[T]:
        """Return `column` (a list of `rows`) at `positions`."""
        return picked(column, self.positions)


def picked[T](column: Sequence[T], positions: Sequence[int]) -> list[T]:
    """Return the values of a column at `positions`."""
    return [column[n] for n in positions]


def settle(rows: Rows, times: Sequence[datetime] = ()) -> Batch:
    """Let the last occurrence of each id win, be it a row or a removal.

    Events, whose `times` are given in the order of `rows`, come newest first: of those with one id
    the latest wins, of these the one with the most values, of these the last.
    """
    if times:
        return Batch(rows, _latest(rows, times), [])
    keys = list(zip(rows.dates, rows.ids, strict=True)) if rows.dates else rows.ids
    last = {key: position for position, key in enumerate(keys)}
    if len(last) == len(keys) and not rows.removed:
        return Batch(rows, sorted(range(len(keys)), key=keys.__getitem__), [])
    after = rows.removed_after or [len(keys)] * len(rows.removed)
    removed: list[str] = []
    for gone, rows_before in zip(rows.removed, after, strict=True):
        position = last.get(gone)
        if position is not None and position >= rows_before:
            continue  # it came back later in the page
        last.pop(gone, None)
        if "\x00" not in gone:  # no stored id has one
            removed.append(gone)
    positions = sorted(last.values(), key=keys.__getitem__)
    return Batch(rows, positions, list(dict.fromkeys(removed)))


def _latest(rows: Rows, times: Sequence[datetime]) -> list[int]:
    winners: dict[str, int] = {}
    for position, own in enumerate(rows.ids):
        known = winners.setdefault(own, position)
        if known != position:
            winners[own] = max(
                known, position, key=lambda n: (times[n], -rows.values[n].count(None), n)
            )
    return sorted(winners.values())


def storable(
    values: list[tuple[object, ...]], raws: list[bytes]
) -> tuple[list[tuple[object, ...]], list[bytes]]:
    """Return rows with U+0000 replaced by U+FFFD; almost every batch comes back as it is."""
    if _NUL not in b"".join(raws):
        return values, raws
    rows = zip(values, raws, strict=True)
    return (
        [tuple(map(_storable_value, row)) if _NUL in raw else row for row, raw in rows],
        [_NUL_ESCAPE.sub(rb"\1\\ufffd", raw) for raw in raws],
    )


def _storable_value(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, bytes):
        return _NUL_ESCAPE.sub(rb"\1\\ufffd", value)
    return value
