"""The audit log as a report: what may be asked of it, so that filter, order, pages and files are alike.

It stands in no catalogue and has no dataset: its rows are the events of one chain, which row-level
security chooses, up to the instant asked about.
"""

from typing import Any

from sqlalchemy import Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.report import Report, ReportColumn, Sources
from shared.core.text import Text
from shared.store.answers.own_table import OwnTable
from shared.store.audit.event_table import AUDIT_EVENTS

_COLUMNS = (
    ReportColumn("seq", "int", "Number", "番号"),
    ReportColumn("at", "timestamp", "At", "日時"),
    ReportColumn("act", "text", "Act", "操作"),
    ReportColumn("result", "text", "Result", "結果"),
    ReportColumn("caller", "text", "Caller", "実行者"),
    ReportColumn("authority", "text", "Authority", "権限の種類"),
    ReportColumn("address", "text", "Address", "接続元", personal=True),
    ReportColumn("target", "text", "Target", "対象"),
    ReportColumn("request_id", "text", "Request ID", "要求 ID"),
    ReportColumn("times", "int", "Times", "回数"),
    ReportColumn("before", "json", "Before", "変更前"),
    ReportColumn("after", "json", "After", "変更後"),
    ReportColumn("hash", "text", "Digest", "ダイジェスト"),
)


def _events(sources: Sources) -> Select[Any]:
    event = AUDIT_EVENTS.c
    made = {
        "before": cast(event.before, JSONB).label("before"),
        "after": cast(event.after, JSONB).label("after"),
        "hash": func.encode(event.hash, "hex").label("hash"),
    }
    columns: list[Any] = [made.get(c.id, event.get(c.id)) for c in _COLUMNS]
    return select(*columns).where(event.at <= sources.as_of)


AUDIT = Report(
    title=Text("Audit log", "監査ログ"),
    description=Text(
        "Who did what, or was refused, and who read personal data.",
        "だれが何を行い、または拒否され、だれが個人データを参照したか。",
    ),
    table=OwnTable(__file__, _COLUMNS, _events),
    row_key=("seq",),
    order=("-seq",),
    permission="audit:read",
    key="audit",
)
