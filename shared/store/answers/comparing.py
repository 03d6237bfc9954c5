"""A report at two instants, row beside row: what was added, removed or changed, as a report of its own.

Both tables are joined by the report's row key, in one statement: filter, order, pages and files work as
in any report, and nothing is compared outside of the database. What may not be seen is hidden before
anything is compared.
"""

from collections.abc import Callable, Iterator
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from shared.core.masking import masking_of
from shared.core.report import Report, ReportColumn, Sources
from shared.core.text import Text
from shared.store.answers.masked_columns import MASK_KEY, masked_value
from shared.store.answers.own_table import OwnTable
from shared.store.answers.sources import ReportSources
from shared.store.answers.twins import lower_cased, sort_keys

# The parameter that holds the earlier instant.
SINCE = "since"
CHANGE, CHANGED, BEFORE = "change", "changed", "_before"

_LABELS = {
    "added": Text("Added", "追加"),
    "removed": Text("Removed", "削除"),
    "changed": Text("Changed", "変更"),
    "unread_before": Text("Not known before", "以前の状態が不明"),
    "unread_after": Text("Not known after", "以後の状態が不明"),
}
_OWN = (
    ReportColumn(CHANGE, "text", "Change", "変更の種類", labels=_LABELS),
    ReportColumn(CHANGED, "text", "Changed columns", "変更された列"),
)


@dataclass(frozen=True, slots=True)
class NeverRead:
    """The datasets that had never been read to their end at the earlier and at the later instant."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Sides:
    """What decides a comparison; `report` comes with its query."""

    query: Callable[..., Select[Any]]
    masked: bool
    unread: NeverRead
    report: Report = field(compare=False)


def comparison(report: Report, unread: NeverRead | None = None, *, masked: bool = False) -> Report:
    """Return the comparison of a report: a row for each that differs, with its columns before and after.

    `change` says how, `changed` which columns differ. A row that is missing on one side is no addition
    and no removal where a dataset that it is from is `unread` there; a column from such a dataset, or
    one that counts up to the instant, is told and makes no change. A `masked` one hides what is
    personal by itself: it needs the key of pseudonyms, and no masking by the question.
    """
    return _comparison(_Sides(report.query, masked, unread or NeverRead(), report))


def values_of(since: datetime, mask_key: str | None) -> dict[str, object]:
    """Return the values that the statements of a comparison with `since` have beside."""
    return {SINCE: since, MASK_KEY: mask_key}


@lru_cache(maxsize=256)
def _comparison(sides: _Sides) -> Report:
    report = sides.report

    def query(sources: Sources) -> Select[Any]:
        assert isinstance(sources, ReportSources)  # noqa: S101  (no catalogue has a comparison)
        return _Writer(sides, sources).select()

    table = OwnTable(__file__, (*_columns(report),), query, report.needs, report.parameters)
    return replace(
        report, table=table, order=report.row_key, presets={}, chart=None, powershell=None
    )


def _columns(report: Report) -> Iterator[ReportColumn]:
    yield _OWN[0]
    yield from (column for column in report.columns if column.id in report.row_key)
    yield _OWN[1]
    for column in _compared(report):
        plain = replace(column, total=None)
        yield plain
        earlier = f"{column.en} (before)", f"{column.ja} (変更前)"
        yield replace(plain, id=column.id + BEFORE, en=earlier[0], ja=earlier[1])


def _compared(report: Report) -> list[ReportColumn]:
    """The columns that have a value before and one after."""
    columns = report.columns
    return [one for one in columns if one.id not in report.row_key and one.unavailable is None]


class _Writer:
    """Writes one comparison."""

    def __init__(self, sides: _Sides, sources: ReportSources) -> None:
        self._report, self._masked, self._unread = sides.report, sides.masked, sides.unread
        self._now = self._side(sources)
        self._then = self._side(sources.at(SINCE))
        sources.framed |= {self._now, self._then}

    def select(self) -> Select[Any]:
        now, then, key = self._now.c, self._then.c, self._report.row_key
        added, removed = then[key[0]].is_(None), now[key[0]].is_(None)
        differ = {one.id: now[one.id].is_distinct_from(then[one.id]) for one in self._telling()}
        both = [now[name] == then[name] for name in key]
        by_id = {
            CHANGE: self._change(added, removed),
            CHANGED: self._changed(added, removed, differ),
            **{name: func.coalesce(now[name], then[name]) for name in key},
        }
        for column in _compared(self._report):
            by_id[column.id] = now[column.id]
            by_id[column.id + BEFORE] = then[column.id]
        return (
            select(*(by_id[one.id].label(one.id) for one in _columns(self._report)))
            .select_from(self._now.join(self._then, and_(*both), full=True))
            .where(or_(added, removed, *differ.values()))
        )

    def _change(
        self, added: ColumnElement[bool], removed: ColumnElement[bool]
    ) -> ColumnElement[str]:
        columns = [one for one in self._report.columns if one.id in self._report.row_key]
        rows_of = frozenset().union(*(one.reads for one in columns))
        new = "unread_before" if rows_of & self._unread.before else "added"
        gone = "unread_after" if rows_of & self._unread.after else "removed"
        return case((added, literal(new)), (removed, literal(gone)), else_=literal("changed"))

    def _changed(
        self,
        added: ColumnElement[bool],
        removed: ColumnElement[bool],
        differ: dict[str, ColumnElement[bool]],
    ) -> ColumnElement[str]:
        names = (case((differs, literal(name))) for name, differs in differ.items())
        return case((~or_(added, removed), func.concat_ws(literal_column("','"), *names)))

    def _telling(self) -> Iterator[ReportColumn]:
        """The columns whose difference is a change of the row."""
        for column in _compared(self._report):
            counts = column.tells_time and column.type in ("int", "float")
            if not counts and not column.reads & (self._unread.before | self._unread.after):
                yield column

    def _side(self, sources: ReportSources) -> Subquery:
        """The report at one instant, with the twins of its columns."""
        query = self._report.query(sources)
        personal = {one.id: one for one in self._report.columns if self._hides(one)}
        kept = [
            twin
            for name, twin in (*lower_cased(query, sources).items(), *sort_keys(query).items())
            if name not in personal
        ]
        whole = query.add_columns(*kept).subquery()
        if not personal:
            return whole
        return select(*self._hidden(whole, personal)).subquery()

    def _hidden(
        self, whole: FromClause, personal: dict[str, ReportColumn]
    ) -> Iterator[ColumnElement[Any]]:
        for column in whole.c:
            if (own := personal.get(column.name)) is None:
                yield column
            else:
                yield masked_value(own, column, self._report).label(column.name)

    def _hides(self, column: ReportColumn) -> bool:
        return self._masked and masking_of(column) is not None
