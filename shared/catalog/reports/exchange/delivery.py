"""Which messages did not arrive, or late, and why."""

from sqlalchemy import ColumnElement, Double, Numeric, case, cast, func, true

from shared.catalog import words
from shared.catalog.mail import MESSAGE_STATUS, TWO_DAYS, course
from shared.catalog.table import COUNT, Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.report_parameters import DELAY_MINUTES
from shared.core.text import Text

_SIZES = {
    "below_1_kb": Text("Below 1 KB", "1 KB 未満"),
    "to_100_kb": Text("Up to 100 KB", "100 KB 以下"),
    "to_1_mb": Text("Up to 1 MB", "1 MB 以下"),
    "to_10_mb": Text("Up to 10 MB", "10 MB 以下"),
    "above_10_mb": Text("Above 10 MB", "10 MB 超"),
}
_SERVER = Text("Recipient server", "レシピエントサーバー")
_UNDER_WAY = ("pending", "gettingStatus")


@report_table
def _delivery(s: Sources) -> Table:
    traces = s.events("message_traces", within=TWO_DAYS)
    row = traces.c
    way = course(s, row.id)
    # What is still on its way has taken until now.
    end = case((row.status.in_(_UNDER_WAY), s.as_of), else_=way.c.arrived_at)
    seconds = func.date_part("epoch", end - row.received_at, type_=Double)
    known = case((seconds.is_not(None), func.greatest(seconds, 0, type_=Double)))
    minutes: ColumnElement[float] = cast(func.round(cast(known / 60, Numeric), 1), Double())
    late, mib = minutes > s.parameter(DELAY_MINUTES), 1024 * 1024
    size = case(
        (row.size < 1024, "below_1_kb"),
        (row.size <= 100 * 1024, "to_100_kb"),
        (row.size <= mib, "to_1_mb"),
        (row.size <= 10 * mib, "to_10_mb"),
        (row.size > 10 * mib, "above_10_mb"),
    )
    return Table(
        traces.outerjoin(way, true()),
        col("sent_at", row.received_at, Text("Sent", "送信日時")),
        col("sender", row.sender_address, words.SENDER),
        col("recipient", row.recipient_address, words.RECIPIENT),
        col("subject", row.subject, words.SUBJECT),
        col("message_id", row.message_id, words.MESSAGE_ID),
        col("delivery_status", row.status, Text("Delivery", "配信状況"), labels=MESSAGE_STATUS),
        col("latest_event", way.c.latest_event, Text("Latest event", "最新イベント")),
        col("delay_reason", way.c.put_off, Text("Reason of delay", "遅延理由")),
        # Exchange leaves it blank for what came in.
        col("recipient_server", func.nullif(row.to_ip, "", type_=row.to_ip.type), _SERVER),
        col("delay_minutes", minutes, Text("Delay (min)", "遅延 (分)")),
        col("is_delayed", late, Text("Delayed", "遅延"), total=COUNT),
        col("size_class", size, Text("Size", "サイズ区分"), labels=_SIZES),
        col("id", row.id, words.ID),
    )


REPORT = Report(
    title=Text("Mail-delivery analysis", "配信分析"),
    description=Text(
        "One row per message and recipient, newest first. The delay is the time from when Exchange "
        "received a message until it was handed over, or until now while it is on its way; it is known "
        "of messages whose details were read: those held up for five minutes or more, failed or "
        "quarantined. Sending times are not traced.",
        "メッセージと受信者ごとに 1 行、新しい順。遅延は Exchange が受信してから引き渡されるまで (配信中は現在まで) の時間です。"
        "5 分以上滞留・失敗・検疫され、詳細を取得したメッセージについてのみ分かります。送信時刻は追跡されません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/exchangemessagetrace-getdetailsbyrecipient",
    table=_delivery,
    order=("-sent_at",),
    chart=Chart(kind="bar", across="delivery_status"),
    lacks={
        "message_trace_details": Text(
            "Delays and their reasons are missing for some messages.",
            "一部のメッセージの遅延とその理由が含まれていません。",
        ),
    },
    presets={
        "undelivered": Preset(
            words=Text("Not delivered, or late", "未配信または遅延"),
            asked={"filter": "delivery_status ne 'delivered' or is_delayed eq true"},
        ),
    },
    powershell=PowerShellFile(
        path="ExchangeOnlineManagement/MailDeliveryAnalysis",
        en="SendDateTime sent_at, sender, recipient, subject, MessageID message_id, delivery_status, "
        "latest_event, delay_reason, recipient_server",
        ja="sent_at, sender, recipient, subject, message_id, delivery_status, latest_event, "
        "delay_reason, recipient_server",
    ),
)
