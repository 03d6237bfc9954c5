"""How runs of work ended, bucket by bucket: how many, how long, with how many rows."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Double, Label, Select, Subquery, cast, func, select
from sqlalchemy import Text as SqlText

from shared.core.report import Chart, Report, ReportColumn, Sources, Total
from shared.core.text import Text
from shared.store.answers.own_table import OwnTable
from shared.store.figures.stretch import bucket_of, is_whole, of_tenants, within
from shared.store.work.ledger import LEDGER

_SUM = Total("sum")

# What figures may be told apart by, as callers say it, with the column that has it.
GROUPS: dict[str, ReportColumn] = {
    "tenant": ReportColumn("tenant_id", "text", "Tenant", "テナント"),
    "kind": ReportColumn("kind", "text", "Kind of work", "処理の種類"),
    "subject": ReportColumn("subject", "text", "Subject", "対象"),
}
_START = ReportColumn("start", "timestamp", "Start", "開始")
_COUNTED = (
    ReportColumn("whole", "bool", "Whole interval", "区間全体"),
    ReportColumn("runs", "int", "Runs", "実行数", total=_SUM),
    ReportColumn("ok", "int", "Succeeded", "成功", total=_SUM),
    ReportColumn("partial", "int", "Partly succeeded", "一部成功", total=_SUM),
    ReportColumn("failed", "int", "Failed", "失敗", total=_SUM),
    ReportColumn("throttled", "int", "Throttled", "調整により中断", total=_SUM),
    ReportColumn("not_permitted", "int", "Not permitted", "権限なし", total=_SUM),
    ReportColumn("not_licensed", "int", "Not licensed", "ライセンスなし", total=_SUM),
    ReportColumn("off", "int", "Off", "無効", total=_SUM),
    ReportColumn("success_rate", "float", "Success rate (%)", "成功率 (%)"),
    ReportColumn("seconds_average", "float", "Seconds on average", "平均所要秒数"),
    ReportColumn("seconds_p95", "float", "Seconds of 95 %", "所要秒数 (95 パーセンタイル)"),
    ReportColumn("rows_read", "int", "Rows read", "読み取り行数", total=_SUM),
    ReportColumn("rows_changed", "int", "Rows changed", "変更行数", total=_SUM),
    ReportColumn("rows_rejected", "int", "Rows rejected", "拒否行数", total=_SUM),
)


def ended(state: str, runs: Subquery) -> ColumnElement[int]:
    """Return how many of the runs ended so."""
    return func.count().filter(runs.c.state == state)


def success_rate(runs: Subquery, among: ColumnElement[bool] | None = None) -> ColumnElement[float]:
    """Return how many of a hundred runs were ok; null if there was none.

    What a tenant has no licence for, or has not switched on, could not succeed and counts for nothing.
    """
    could: ColumnElement[bool] = runs.c.state.not_in(("not_licensed", "off"))
    if among is not None:
        could = could & among
    counted = func.nullif(func.count().filter(could), 0)
    ok = func.count().filter(could & (runs.c.state == "ok"))
    return cast(func.round(100.0 * ok / counted, 2), Double())


def keys_of(by: Sequence[str], rows: Subquery) -> list[ColumnElement[Any]]:
    """Return the columns that figures are told apart by."""
    return [rows.c[GROUPS[name].id] for name in by]


@cache
def runs_report(by: tuple[str, ...]) -> Report:
    """Return the report that tells them apart by some of GROUPS; the same one at each call."""
    keys = tuple(GROUPS[name] for name in by)

    def query(_: Sources) -> Select[Any]:
        runs = _ended_runs()
        bucket, groups = runs.c.start, keys_of(by, runs)
        grouped = select(bucket, *groups, *_figures(runs)).group_by(bucket, *groups).subquery()
        whole = is_whole(grouped.c.start).label("whole")
        rest = [grouped.c[column.id] for column in _COUNTED if column.id != "whole"]
        named = [grouped.c[column.id] for column in keys]
        return select(grouped.c.start, *named, whole, *rest)

    return Report(
        title=Text("Runs", "実行の推移"),
        description=Text(
            "How runs of work ended, by hour or day.", "処理の実行結果を時間または日ごとに集計。"
        ),
        table=OwnTable(__file__, (_START, *keys, *_COUNTED), query),
        row_key=("start", *(column.id for column in keys)),
        order=("-start", *(column.id for column in keys)),
        chart=Chart(kind="line", across="start", up=("runs", "ok", "failed")),
        permission="analytics:read",
        key="runs",
    )


def _ended_runs() -> Subquery:
    run = LEDGER.c
    seconds = func.extract("epoch", run.finished_at - run.started_at)
    return (
        select(
            bucket_of(run.finished_at).label("start"),
            cast(run.tenant_id, SqlText).label("tenant_id"),
            *(run.kind, run.subject, run.state, run.rejected),
            run.read.label("rows_read"),
            (run.inserted + run.updated + run.closed).label("changed"),
            cast(seconds, Double()).label("seconds"),
        )
        .where(of_tenants(run.tenant_id), within(run.finished_at))
        .subquery()
    )


def _figures(runs: Subquery) -> list[Label[Any]]:
    states = ("ok", "partial", "failed", "throttled", "not_permitted", "not_licensed", "off")
    p95 = func.percentile_cont(0.95).within_group(runs.c.seconds)
    return [
        func.count().label("runs"),
        *(ended(state, runs).label(state) for state in states),
        success_rate(runs).label("success_rate"),
        func.avg(runs.c.seconds).label("seconds_average"),
        p95.label("seconds_p95"),
        func.sum(runs.c.rows_read).label("rows_read"),
        func.sum(runs.c.changed).label("rows_changed"),
        func.sum(runs.c.rejected).label("rows_rejected"),
    ]
