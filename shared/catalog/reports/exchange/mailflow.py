"""Which messages came, went and passed through, and what became of them."""

from sqlalchemy import true

from shared.catalog import words
from shared.catalog.expressions import kibibytes
from shared.catalog.mail import (
    DIRECTION,
    MESSAGE_STATUS,
    TWO_DAYS,
    connector,
    course,
    direction,
    own_domains,
)
from shared.catalog.table import SUM, Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_CONNECTOR, _KIND = Text("Connector", "コネクタ"), Text("Direction", "イベントタイプ")
_SIZE = Text("Size (KB)", "メッセージサイズ (KB)")


@report_table
def _mailflow(s: Sources) -> Table:
    traces = s.events("message_traces", within=TWO_DAYS)
    row = traces.c
    way = course(s, row.id)
    whither = direction(row.sender_address, row.recipient_address, own_domains(s))
    return Table(
        traces.outerjoin(way, true()),
        col("received_at", row.received_at, Text("Received", "日時")),
        col("sender", row.sender_address, words.SENDER),
        col("recipient", row.recipient_address, words.RECIPIENT),
        col("subject", row.subject, words.SUBJECT),
        col("size_kb", kibibytes(row.size), _SIZE, total=SUM),
        col("status", row.status, words.STATUS, labels=MESSAGE_STATUS),
        col("connector", connector(s, row), _CONNECTOR, personal=False, because="names nobody"),
        col("event_type", whither, _KIND, labels=DIRECTION, personal=False, because="names nobody"),
        col("details", way.c.latest_description, words.DETAILS),
        col("id", row.id, words.ID),
        col("message_id", row.message_id, words.MESSAGE_ID),
        col("trace_id", row.trace_id, Text("Trace id", "トレース ID")),
        col("from_ip", row.from_ip, Text("From IP", "送信元 IP")),
        col("to_ip", row.to_ip, Text("To IP", "送信先 IP")),
    )


REPORT = Report(
    title=Text("Mail-flow analysis", "メールフロー分析"),
    description=Text(
        "One row per message and recipient, newest first. A message is internal, outbound, inbound or "
        "forwarded by whether the domains of sender and recipient are verified domains of the tenant. "
        "Details are those of the newest traced event; they are read of messages that were held up, "
        "failed or were quarantined. Connectors are named by Microsoft Defender for Office 365 (Plan 2), "
        "where the tenant has it.",
        "メッセージと受信者ごとに 1 行、新しい順。内部・送信・受信・中継は、送信者と受信者のドメインがテナントの検証済みドメインか"
        "どうかで判定します。詳細は最新の追跡イベントの内容で、遅延・失敗・検疫されたメッセージについて取得します。"
        "コネクタは Microsoft Defender for Office 365 (プラン 2) がある場合に示します。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/exchangemessagetrace",
    table=_mailflow,
    order=("-received_at",),
    chart=Chart(kind="bar", across="status"),
    lacks={
        "analyzed_emails": Text(
            "Connectors are missing, or those of messages with a threat only.",
            "コネクタがないか、脅威のあるメッセージのものに限られます。",
        ),
        "message_trace_details": Text(
            "Details of messages that were held up or failed are missing.",
            "遅延または失敗したメッセージの詳細が含まれていません。",
        ),
    },
    powershell=PowerShellFile(
        path="ExchangeOnlineManagement/MailFlowAnalysis",
        en="DateTime received_at, sender, recipient, subject, MessageSizeKB size_kb, status, "
        "connector, event_type, details",
        ja="received_at, sender, recipient, subject, size_kb, status, connector, event_type, details",
    ),
)
