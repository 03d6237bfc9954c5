"""Events of security as a report: what of the audit log they are is declared (core.security_event)."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, literal, or_, select, true
from sqlalchemy import Text as SqlText

from shared.core.audit import DONE
from shared.core.registry import of
from shared.core.report import Report, ReportColumn, Sources, Total
from shared.core.security_event import SECURITY_EVENTS, SEVERITIES, SecurityEvent
from shared.core.text import Text
from shared.store.answers.own_table import OwnTable
from shared.store.audit.event_table import AUDIT_EVENTS
from shared.store.figures.stretch import of_tenants, within

# Work that changes a tenant tells that it begins before it does anything.
_NOT_FAILED = (DONE, "begun")


@cache
def declared() -> tuple[SecurityEvent, ...]:
    """Return the events in the order in which they are looked at."""
    return tuple(sorted(of(SECURITY_EVENTS).values(), key=lambda one: (one.rest, one.event)))


def event_of(audited: Any) -> ColumnElement[str]:
    """Return the id of the event that a row of `audited` (columns of audit events) is; null for none."""
    fitting = [(_fits(audited, one), literal(one.event, SqlText())) for one in declared()]
    return case(*fitting)


def _fits(audited: Any, event: SecurityEvent) -> ColumnElement[bool]:
    if event.rest:
        failed: ColumnElement[bool] = audited.result.not_in(_NOT_FAILED)
        return failed
    every: list[ColumnElement[bool]] = [true()]
    if event.results:
        every.append(audited.result.in_(event.results))
    if event.acts:
        every.append(or_(*(_is_act(audited.act, act) for act in event.acts)))
    return and_(*every)


def _is_act(column: ColumnElement[str], act: str) -> ColumnElement[bool]:
    noun, _, verb = act.partition(".")
    return column.endswith(f".{verb}") if noun == "*" else column == act


_COLUMNS = (
    ReportColumn("at", "timestamp", "At", "日時"),
    ReportColumn("tenant_id", "text", "Tenant", "テナント"),
    ReportColumn("seq", "int", "Number", "番号"),
    ReportColumn(
        "event",
        "text",
        "Event",
        "イベント",
        labels={one: of(SECURITY_EVENTS)[one].title for one in of(SECURITY_EVENTS)},
    ),
    ReportColumn(
        "severity",
        "text",
        "Severity",
        "重大度",
        labels=dict(SEVERITIES.items()),
    ),
    ReportColumn("act", "text", "Act", "操作"),
    ReportColumn("result", "text", "Result", "結果"),
    ReportColumn("times", "int", "Times", "回数", total=Total("sum")),
    ReportColumn("caller", "text", "Caller", "実行者"),
    ReportColumn("authority", "text", "Authority", "権限の種類"),
    ReportColumn("address", "text", "Address", "接続元", personal=True),
    ReportColumn("target", "text", "Target", "対象"),
    ReportColumn("request_id", "text", "Request ID", "要求 ID"),
)


def _events(_: Sources) -> Select[Any]:
    audited = AUDIT_EVENTS.c
    each = (
        select(
            *(audited.at, audited.seq, audited.act, audited.result, audited.times),
            *(audited.caller, audited.authority, audited.address, audited.target),
            audited.request_id,
            cast(audited.tenant_id, SqlText).label("tenant_id"),
            event_of(audited).label("event"),
        )
        .where(of_tenants(audited.tenant_id), within(audited.at))
        .subquery()
    )
    severity = case({one.event: one.severity for one in declared()}, value=each.c.event)
    made = {"severity": cast(severity, SqlText).label("severity")}
    columns: list[Any] = [made.get(c.id, each.c.get(c.id)) for c in _COLUMNS]
    return select(*columns).where(each.c.event.is_not(None))


EVENTS = Report(
    title=Text("Security events", "セキュリティ イベント"),
    description=Text(
        "Refusals, blocks, exports of personal data, keys and rights.",
        "拒否、ブロック、個人データの出力、キーと権限の変更。",
    ),
    table=OwnTable(__file__, _COLUMNS, _events),
    row_key=("tenant_id", "seq"),
    order=("-at",),
    permission="security:read",
    key="security_events",
)
