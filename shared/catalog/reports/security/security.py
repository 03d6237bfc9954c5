"""How safe the tenant is: checks over what was collected, and the controls of Microsoft's secure score."""

from shared.catalog import security_rows
from shared.catalog.table import Table, report_table
from shared.catalog.union import union
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text


@report_table
def _security(s: Sources) -> Table:
    return union(security_rows.controls(s), security_rows.checks(s))


REPORT = Report(
    title=Text("Security analysis", "セキュリティ分析"),
    description=Text(
        "Checks over what Kanri has collected, and the controls of Microsoft's secure score that are not "
        "deprecated. Fulfilled: 100 × good ÷ counted, of controls 100 × score ÷ maximum; nothing is said "
        "where a source was never read. People count while their accounts are enabled. Not contained yet: "
        "credentials and permissions of applications, forwarding rules, sharing of SharePoint.",
        "Kanri が収集したデータに基づくチェックと、廃止されていない Microsoft セキュア スコアのコントロール。準拠率は "
        "100 × 良好数 ÷ 対象数、コントロールは 100 × スコア ÷ 最大値です。未取得のデータに基づく判定はしません。"
        "ユーザーは有効なアカウントのみを数えます。アプリケーションの資格情報とアクセス許可、転送ルール、SharePoint の"
        "共有はまだ含みません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/securescore",
    table=_security,
    order=("compliance_rate_percent", "security_item"),
    chart=Chart(
        kind="bar", across="security_item", up=("compliance_rate_percent",), first="smallest"
    ),
    powershell=PowerShellFile(
        path="Analysis/Security/SecurityAnalysis",
        en="security_item, status, target_users, compliance_rate_percent, risk_level, "
        "LastCheckDate last_check_at, recommended_action, details",
        ja="security_item, status, 対象ユーザー数 target_users, compliance_rate_percent, risk_level, "
        "last_check_at, recommended_action, details",
    ),
)
