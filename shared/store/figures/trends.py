"""How runs of work ended in a stretch of time, beside the stretch of the same length before it."""

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Label,
    Numeric,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy import Text as SqlText

from shared.core.report import Report, ReportColumn, Sources
from shared.core.text import Text
from shared.store.answers.own_table import OwnTable
from shared.store.figures.runs import GROUPS, keys_of, success_rate
from shared.store.figures.stretch import BEFORE, FROM, each_tenant, of_tenants, within
from shared.store.work.ledger import LEDGER

_COUNTED = (
    ReportColumn("runs", "int", "Runs", "実行数"),
    ReportColumn("success_rate", "float", "Success rate (%)", "成功率 (%)"),
    ReportColumn("seconds_average", "float", "Seconds on average", "平均所要秒数"),
    ReportColumn("known_before", "bool", "Known before", "前期間の記録あり"),
    ReportColumn("runs_before", "int", "Runs before", "実行数 (前期間)"),
    ReportColumn("success_rate_before", "float", "Success rate before (%)", "成功率 (前期間、%)"),
    ReportColumn("seconds_before", "float", "Seconds before", "平均所要秒数 (前期間)"),
    ReportColumn("change", "float", "Change (points)", "増減 (ポイント)"),
)


_NUMERIC = Numeric()


@cache
def trends_report(by: tuple[str, ...]) -> Report:
    """Return the report that tells them apart by some of GROUPS; the same one at each call.

    What came before is known if the ledger of each tenant that a row is about reaches back to its
    beginning. Else it is null, which is not zero.
    """
    keys = tuple(GROUPS[name] for name in by)

    def query(_: Sources) -> Select[Any]:
        runs = _runs_of_both()
        groups = keys_of(by, runs)
        found = select(*groups, *_figures(runs)).group_by(*groups).subquery()
        change = cast(found.c.success_rate - found.c.success_rate_before, _NUMERIC)
        made: dict[str, ColumnElement[Any]] = {
            "change": cast(func.round(change, 2), Double()).label("change")
        }
        named = [found.c[column.id] for column in keys]
        return select(*named, *(made.get(c.id, found.c.get(c.id)) for c in _COUNTED))

    return Report(
        title=Text("Trends", "成功率の傾向"),
        description=Text(
            "Success rates of a period beside those of the period before.",
            "期間の成功率を直前の同じ長さの期間と比較。",
        ),
        table=OwnTable(__file__, (*keys, *_COUNTED), query),
        row_key=tuple(column.id for column in keys),
        order=("change", *(column.id for column in keys)),
        permission="analytics:read",
        key="trends",
    )


def _runs_of_both() -> Subquery:
    """Runs of both stretches: is it one of the later, and does its tenant's ledger reach back?"""
    run, first = LEDGER.c, LEDGER.alias("first").c
    asked = each_tenant()
    since = select(func.min(first.finished_at)).where(first.tenant_id == asked).scalar_subquery()
    reaching = select(asked.label("tenant_id"), (since <= BEFORE).label("back")).subquery()
    seconds = func.extract("epoch", run.finished_at - run.started_at)
    return (
        select(
            cast(run.tenant_id, SqlText).label("tenant_id"),
            *(run.kind, run.subject, run.state),
            cast(seconds, Double()).label("seconds"),
            (run.finished_at >= FROM).label("late"),
            reaching.c.back.label("reaches_back"),
        )
        .join_from(LEDGER, reaching, reaching.c.tenant_id == run.tenant_id)
        .where(of_tenants(run.tenant_id), within(run.finished_at, BEFORE))
        .subquery()
    )


def _figures(runs: Subquery) -> list[Label[Any]]:
    late = runs.c.late
    known = func.coalesce(func.bool_and(runs.c.reaches_back), literal(value=False))

    def if_known(value: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((known, value))

    return [
        func.count().filter(late).label("runs"),
        success_rate(runs, late).label("success_rate"),
        func.avg(runs.c.seconds).filter(late).label("seconds_average"),
        known.label("known_before"),
        if_known(func.count().filter(~late)).label("runs_before"),
        if_known(success_rate(runs, ~late)).label("success_rate_before"),
        if_known(func.avg(runs.c.seconds).filter(~late)).label("seconds_before"),
    ]
