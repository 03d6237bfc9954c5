"""Which messages were taken for spam or put into quarantine."""

from sqlalchemy import case, literal, true

from shared.catalog import words
from shared.catalog.mail import MESSAGE_STATUS, TWO_DAYS, course
from shared.catalog.table import Table, absent, col, report_table
from shared.core.report import PowerShellFile, Report, Sources
from shared.core.text import Text

_VERDICT = {
    "spam": Text("Spam", "スパム"),
    "quarantined": Text("Quarantined", "検疫"),
}
_CAUGHT = ("filteredAsSpam", "quarantined")
_NO_VERDICT = Text(
    "Only Microsoft Defender for Office 365 (Plan 2) tells it; its data is not collected.",
    "Microsoft Defender for Office 365 (プラン 2) のデータにのみ含まれ、未収集です。",
)


@report_table
def _spam(s: Sources) -> Table:
    traces = s.events("message_traces", within=TWO_DAYS)
    row = traces.c
    way = course(s, row.id)
    is_spam = row.status == "filteredAsSpam"
    # Of what is in quarantine the trace does not say why.
    verdict = case((is_spam, "spam"), (row.status == "quarantined", "quarantined"))
    return Table(
        traces.outerjoin(way, true()),
        col("received_at", row.received_at, Text("Received", "受信日時")),
        col("sender", row.sender_address, words.SENDER),
        col("recipient", row.recipient_address, words.RECIPIENT),
        col("subject", row.subject, words.SUBJECT),
        col("message_id", row.message_id, words.MESSAGE_ID),
        col("threat_type", case((is_spam, "Spam")), Text("Threat", "検出結果")),
        col("spam_verdict", verdict, Text("Verdict", "スパム判定"), labels=_VERDICT),
        absent("spam_score", "int", Text("Spam confidence", "信頼度"), _NO_VERDICT),
        col("action", row.status, Text("Action", "対策アクション"), labels=MESSAGE_STATUS),
        absent("policy_name", "text", Text("Policy", "ポリシー名"), _NO_VERDICT),
        col("details", way.c.latest_description, words.DETAILS),
        col("source", literal("trace"), Text("Source", "情報源")),
        col("id", row.id, words.ID),
        where=row.status.in_(_CAUGHT),
    )


REPORT = Report(
    title=Text("Spam-protection analysis", "スパム対策分析"),
    description=Text(
        "Messages that Exchange filtered as spam or put into quarantine, one row per recipient, newest "
        "first. The verdict is that of the message trace: of what is in quarantine it does not say why.",
        "Exchange がスパムと判定または検疫したメッセージを受信者ごとに 1 行、新しい順に示します。"
        "判定はメッセージ追跡によるもので、検疫の理由は含まれません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/exchangemessagetrace",
    table=_spam,
    order=("-received_at",),
    powershell=PowerShellFile(
        en="DateTime received_at, sender, recipient, subject, threat_type, spam_score, action, "
        "policy_name, details",
        ja="received_at, sender, recipient, subject, message_id, threat_type, spam_verdict, "
        "spam_score, action",
    ),
)
