"""Which messages were taken for spam or worse, or put into quarantine."""

from shared.catalog import mail_verdicts
from shared.catalog.table import Table, report_table
from shared.catalog.union import union
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text


@report_table
def _spam(s: Sources) -> Table:
    return union(mail_verdicts.analyzed(s), mail_verdicts.hunted(s), mail_verdicts.traced(s))


REPORT = Report(
    title=Text("Spam-protection analysis", "スパム対策分析"),
    description=Text(
        "Messages with a threat, one row per recipient, newest first. The column source says whence: what "
        "Microsoft Defender for Office 365 analyzed where the tenant has it, else what hunting found, else "
        "what the message trace says, which tells neither confidence nor policy, nor why something is in "
        "quarantine. The worst verdict stands: malware, phish, spam (high confidence from SCL 7), bulk "
        "from the complaint level bulkLevel.",
        "脅威が検出されたメッセージを受信者ごとに 1 行、新しい順に示します。情報源の列が出所です。Microsoft Defender for Office 365 "
        "の分析済みメール、なければ高度な検索、なければメッセージ追跡 (信頼度、ポリシー、検疫の理由は含まれません) によります。"
        "判定は最も重いもの (マルウェア、フィッシング、スパム、バルク) で、SCL 7 以上は高確度スパム、BCL が bulkLevel 以上は"
        "バルクです。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/exchangemessagetrace",
    table=_spam,
    order=("-received_at",),
    chart=Chart(kind="bar", across="action"),
    lacks={
        "analyzed_emails": Text(
            "Confidence, policy and what became of messages later are missing.",
            "信頼度、ポリシー、配信後の変化が含まれていません。",
        ),
    },
    powershell=PowerShellFile(
        path="ExchangeOnlineManagement/SpamProtectionAnalysis",
        en="DateTime received_at, sender, recipient, subject, threat_type, spam_score, action, "
        "policy_name, details",
        ja="received_at, sender, recipient, subject, message_id, threat_type, spam_verdict, "
        "spam_score, action",
    ),
)
