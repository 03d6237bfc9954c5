"""What went wrong, bucket by bucket and tenant by tenant: runs, rows, data, requests, messages."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Interval,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import Text as SqlText

from shared.core.registry import collector, datasets
from shared.core.report import Chart, Report, ReportColumn, Sources, Total
from shared.core.text import Text
from shared.core.work import DEPLOYMENT
from shared.store.answers.own_table import OwnTable
from shared.store.audit.event_table import AUDIT_EVENTS
from shared.store.figures.security_events import declared, event_of
from shared.store.figures.stretch import FROM, TO, bucket_of, is_whole, of_tenants, within
from shared.store.registers.tenant_table import TENANTS
from shared.store.work.dead_letters import DEAD_LETTERS
from shared.store.work.ledger import LEDGER
from shared.store.work.work_state import WORK_STATE

# How a run may end otherwise than well; for a licence that is missing nobody has done wrong.
_RUNS: dict[str, Text] = {
    "failed": Text("Run failed", "実行の失敗"),
    "partial": Text("Run partly succeeded", "実行の一部成功"),
    "throttled": Text("Run throttled", "実行の調整による中断"),
    "not_permitted": Text("Run not permitted", "実行の権限不足"),
}
_ROWS = Text("Rows rejected", "行の拒否")
_LETTER = Text("Message given up", "メッセージの配信不能")
_STALE = Text("Data not read in time", "収集の遅延")
# A dataset is late that was not read to its end for so many of its intervals.
_LATE_AFTER = 2


def _labels() -> dict[str, Text]:
    requests = {one.event: one.title for one in declared() if one.breach}
    runs = {f"run_{state}": words for state, words in _RUNS.items()}
    return {
        **runs,
        "rows_rejected": _ROWS,
        "dead_letter": _LETTER,
        "data_stale": _STALE,
        **requests,
    }


_COLUMNS = (
    ReportColumn("start", "timestamp", "Start", "開始"),
    ReportColumn("tenant_id", "text", "Tenant", "テナント"),
    ReportColumn("breach", "text", "What", "種類", labels=_labels()),
    ReportColumn("about", "text", "About", "対象"),
    ReportColumn("whole", "bool", "Whole interval", "区間全体"),
    ReportColumn("times", "int", "Times", "回数", total=Total("sum")),
    ReportColumn("first_at", "timestamp", "First", "最初"),
    ReportColumn("last_at", "timestamp", "Last", "最後"),
)


def _of_runs() -> Select[Any]:
    run = LEDGER.c
    ended = case({state: f"run_{state}" for state in _RUNS}, value=run.state)
    return _counted(run.tenant_id, run.finished_at, ended, _subject(), literal(1)).where(
        run.state.in_(_RUNS)
    )


def _of_rows() -> Select[Any]:
    run = LEDGER.c
    what = literal("rows_rejected")
    rejected = run.rejected
    return _counted(run.tenant_id, run.finished_at, what, _subject(), rejected).where(rejected > 0)


def _of_requests() -> Select[Any]:
    audited = AUDIT_EVENTS.c
    event = event_of(audited)
    breaches = [one.event for one in declared() if one.breach]
    counted = _counted(audited.tenant_id, audited.at, event, audited.act, audited.times)
    return counted.where(event.in_(breaches))


def _of_letters() -> Select[Any]:
    letter = DEAD_LETTERS.c
    whose = literal(DEPLOYMENT)
    what = literal("dead_letter")
    return _counted(whose, letter.received_at, what, letter.queue, literal(1))


def _of_data() -> Select[Any]:
    """When datasets grew old: so long after a complete read, if no other came before. Of a tenant that
    is not collected from now, or a dataset that is switched off, what it was last read by is nobody's
    breach."""
    limits = {name: _LATE_AFTER * collector(name).every.total_seconds() for name in datasets()}
    run, longest = LEDGER.c, timedelta(seconds=max(limits.values()))
    limit = func.make_interval(*[literal(0)] * 6, case(limits, value=run.subject), type_=Interval())
    following = func.lead(run.complete_at).over(
        partition_by=(run.tenant_id, run.subject), order_by=run.complete_at
    )
    read = (
        select(
            *(run.tenant_id, run.subject),
            (run.complete_at + limit).label("stale_at"),
            following.label("following"),
        )
        .where(of_tenants(run.tenant_id), within(run.finished_at, FROM - literal(longest)))
        .where(run.kind == "collect", run.complete_at.is_not(None))
        .subquery()
    )
    active = select(TENANTS).filter_by(tenant_id=read.c.tenant_id, state="active").exists()
    off = select(WORK_STATE).filter_by(
        tenant_id=read.c.tenant_id, kind="collect", subject=read.c.subject, state="off"
    )
    return _counted(
        read.c.tenant_id, read.c.stale_at, literal("data_stale"), read.c.subject, literal(1)
    ).where(
        read.c.stale_at < func.coalesce(read.c.following, TO),
        or_(read.c.following.is_not(None), active & ~off.exists()),
    )


def _subject() -> ColumnElement[str]:
    return LEDGER.c.kind.concat(" ").concat(LEDGER.c.subject)


def _counted(
    tenant: ColumnElement[Any],
    at: ColumnElement[Any],
    breach: ColumnElement[Any],
    about: ColumnElement[str],
    times: ColumnElement[int],
) -> Select[Any]:
    return select(
        bucket_of(at).label("start"),
        cast(tenant, SqlText).label("tenant_id"),
        cast(breach, SqlText).label("breach"),
        about.label("about"),
        cast(times, BigInteger).label("times"),
        at.label("at"),
    ).where(of_tenants(tenant), within(at))


def _breaches(_: Sources) -> Select[Any]:
    every: Subquery = union_all(
        _of_runs(), _of_rows(), _of_requests(), _of_letters(), _of_data()
    ).subquery()
    keys = [every.c[name] for name in ("start", "tenant_id", "breach", "about")]
    grouped = (
        select(
            *keys,
            func.sum(every.c.times).label("times"),
            func.min(every.c.at).label("first_at"),
            func.max(every.c.at).label("last_at"),
        )
        .group_by(*keys)
        .subquery()
    )
    made = {"whole": is_whole(grouped.c.start).label("whole")}
    columns: list[Any] = [made.get(c.id, grouped.c.get(c.id)) for c in _COLUMNS]
    return select(*columns)


BREACHES = Report(
    title=Text("Breaches", "違反と失敗"),
    description=Text(
        "What went wrong, by hour or day: runs, rows, data, requests, messages.",
        "実行、行、データの遅延、要求、メッセージの失敗と違反を時間または日ごとに集計。",
    ),
    table=OwnTable(__file__, _COLUMNS, _breaches),
    row_key=("start", "tenant_id", "breach", "about"),
    order=("-start", "tenant_id", "breach", "about"),
    chart=Chart(kind="line", across="start", up=("times",)),
    permission="analytics:read",
    key="breaches",
)
