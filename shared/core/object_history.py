"""The history of one object: how its versions began and ended, and what of it is hidden from whom."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from shared.core.collector import Collector, Column
from shared.core.masking import Masking
from shared.core.retention import History

# `measured` is of a measure, the first that was told of a day. `first_kept`: what was before is kept
# no longer. `after_gap`: what was between is thinned out, so that nobody knows whether it was away.
type Begins = Literal["first_seen", "first_kept", "changed", "shown_again", "after_gap", "measured"]
type Ends = Literal["changed", "removed", "gap"]


class Change(Struct, frozen=True):
    """One property before and after. `source` is its path in Graph, `column` the dataset's, if it has one.

    `hiding` says that both are pseudonyms.
    """

    source: str
    column: str | None
    before: Any
    after: Any
    personal: bool = False
    hiding: Masking | None = None


def hiding_of(column: Column) -> Masking | None:
    """Return how a column of a dataset is hidden from who may not see personal data; None if it is not.

    Names and addresses have the pseudonyms that they have in reports. Everything else that is personal is
    withheld: there is no telling which texts are codes, whose pseudonyms one could guess.
    """
    if not column.personal:
        return None
    named = column.type == "text" and (column.folded or column.collated)
    return "pseudonym" if named else "withheld"


def begins(
    since: datetime, former_until: datetime | None, history: History, *, measured: bool
) -> Begins:
    """Say how a version began; `former_until` is when the one before it ended, None if there is none."""
    if former_until is None:
        if measured:
            return "measured"
        return (
            "first_kept" if history.since is not None and since <= history.since else "first_seen"
        )
    if former_until == since:
        return "changed"
    return "shown_again" if history.turn_at(former_until) is None else "after_gap"


def ends(until: datetime | None, next_since: datetime | None, history: History) -> Ends | None:
    """Say how a version ended, None if it has not; `next_since` is when the one after it began."""
    if until is None:
        return None
    if next_since == until:
        return "changed"
    return "removed" if history.turn_at(until) is None else "gap"


def changes(
    collector: Collector,
    before: tuple[object, ...] | None,
    after: tuple[object, ...],
    raw: tuple[Any, Any],
    *,
    masked: bool,
) -> list[Change]:
    """Return what differs between two versions, by the columns' order; `before` None: all there is.

    `raw` is what Graph told in each, for properties that are no column. What changes by itself is left out.
    """
    told = [
        Change(
            column.source,
            column.name,
            old,
            new,
            column.personal,
            hiding_of(column) if masked else None,
        )
        for column, old, new in zip(
            collector.columns, before or (None,) * len(after), after, strict=True
        )
        if old != new and column.source not in collector.keep.volatile
    ]
    return [*told, *_no_columns(collector, *raw, told=told)]


def _no_columns(
    collector: Collector, before: Any, after: Any, *, told: Iterable[Change]
) -> Iterable[Change]:
    """What differs of an object's own properties and shows in no column that differs."""
    if not isinstance(after, Mapping):
        return
    former = before if isinstance(before, Mapping) else {}
    named = {column.source for column in collector.columns}
    named |= {*collector.keep.volatile, *collector.key}
    shown = {change.source for change in told} | {*collector.keep.volatile}
    for name in sorted({*former, *after}):
        yield from _unnamed(name, former.get(name), after.get(name), named, shown)


def _unnamed(path: str, old: Any, new: Any, named: Set[str], shown: Set[str]) -> Iterable[Change]:
    """What differs of a property or, where columns name some of its parts, of each of the others."""
    if path in named or "@odata." in path or old == new:
        return
    if not any(one.startswith(f"{path}/") for one in named):
        yield Change(path, None, old, new, personal=True)
    elif all(isinstance(one, Mapping | None) for one in (old, new)):
        former, later = old or {}, new or {}
        for name in sorted({*former, *later}):
            yield from _unnamed(f"{path}/{name}", former.get(name), later.get(name), named, shown)
    elif not any(one.startswith(f"{path}/") for one in shown):
        yield Change(path, None, old, new, personal=True)
