"""Microsoft Graph application permissions that several collectors need, and what Kanri does with
them. One that a single collector needs is declared in its file.

https://learn.microsoft.com/en-us/graph/permissions-reference; what covers a permission stands under
"Higher privileged permissions" on the pages of all the requests that Kanri makes with it.
"""

from shared.core.collector import Permission
from shared.core.text import Text

APPLICATION_READ = Permission(
    "Application.Read.All",
    Text(
        "Read applications, their credentials' ends, their owners and permissions.",
        "アプリケーション、資格情報の期限、所有者、許可を読み取ります。",
    ),
    covered_by=("Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
)

AUDIT_LOG_READ = Permission(
    "AuditLog.Read.All",
    Text(
        "Read sign-in activity, authentication registration and audit logs.",
        "サインイン アクティビティ、認証方法の登録状況、監査ログを読み取ります。",
    ),
)

BACKUP_CONFIGURATION_READ = Permission(
    "BackupRestore-Configuration.Read.All",
    Text(
        "Read what Microsoft 365 Backup protects.",
        "Microsoft 365 バックアップの保護対象を読み取ります。",
    ),
)

CALL_RECORDS_READ = Permission(
    "CallRecords.Read.All",
    Text(
        "Read the records of calls and meetings, who took part, and how good they were.",
        "通話と会議の記録、参加者、および品質を読み取ります。",
    ),
)

# To read what monitors found ConfigurationMonitoring.Read.All would do; a snapshot takes this one.
CONFIGURATION_MONITORING = Permission(
    "ConfigurationMonitoring.ReadWrite.All",
    Text(
        "Have Microsoft extract the policies of Teams and Exchange, and read drifts from baselines.",
        "Teams と Exchange のポリシーを抽出し、ベースラインからのドリフトを読み取ります。",
    ),
)

ENTRA_BACKUP_READ = Permission(
    "EntraBackup.Read.All",
    Text(
        "Read the snapshots of the directory and what was recovered from them.",
        "ディレクトリのスナップショットと回復ジョブを読み取ります。",
    ),
)

FILES_READ = Permission(
    "Files.Read.All",
    Text(
        "Read the drives of users and sites, their items, and with whom they are shared.",
        "ユーザーとサイトのドライブ、そのアイテム、および共有先を読み取ります。",
    ),
    covered_by=("Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"),
)

GROUP_MEMBER_READ = Permission(
    "GroupMember.Read.All",
    Text(
        "Read groups and who belongs to them.",
        "グループとそのメンバーを読み取ります。",
    ),
    covered_by=(
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
)

LICENSE_ASSIGNMENT_READ = Permission(
    "LicenseAssignment.Read.All",
    Text(
        "Read which licences the tenant owns and uses.",
        "テナントが保有し使用しているライセンスを読み取ります。",
    ),
    covered_by=(
        "Organization.Read.All",
        "Organization.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
)

MAILBOX_SETTINGS_READ = Permission(
    "MailboxSettings.Read",
    Text(
        "Read the settings of mailboxes and the rules of inboxes.",
        "メールボックスの設定と受信トレイのルールを読み取ります。",
    ),
    covered_by=("MailboxSettings.ReadWrite",),
)

MESSAGE_TRACE_READ = Permission(
    "ExchangeMessageTrace.Read.All",
    Text("Read message traces of Exchange.", "Exchange のメッセージ追跡を読み取ります。"),
)

POLICY_READ = Permission(
    "Policy.Read.All",
    Text(
        "Read Conditional Access, authorization and cross-tenant policies, and security defaults.",
        "条件付きアクセス、承認、テナント間アクセスの各ポリシーとセキュリティの既定値を読み取ります。",
    ),
)

REPORTS_READ = Permission(
    "Reports.Read.All",
    Text(
        "Read the Microsoft 365 usage reports.",
        "Microsoft 365 の使用状況レポートを読み取ります。",
    ),
)

REPORT_SETTINGS_READ = Permission(
    "ReportSettings.Read.All",
    Text(
        "Tell whether usage reports conceal names.",
        "使用状況レポートで名前が匿名化されているかを確認します。",
    ),
    covered_by=("ReportSettings.ReadWrite.All",),
)

ROLE_MANAGEMENT_READ = Permission(
    "RoleManagement.Read.Directory",
    Text(
        "Read directory roles and who holds them.",
        "ディレクトリ ロールとその割り当てを読み取ります。",
    ),
    covered_by=(
        "RoleManagement.ReadWrite.Directory",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
)

SECURITY_EVENTS_READ = Permission(
    "SecurityEvents.Read.All",
    Text(
        "Read secure scores and what they are made of.",
        "セキュア スコアとその内訳を読み取ります。",
    ),
    covered_by=("SecurityEvents.ReadWrite.All",),
)

SERVICE_HEALTH_READ = Permission(
    "ServiceHealth.Read.All",
    Text(
        "Read the health of the Microsoft 365 services and what is wrong with them.",
        "Microsoft 365 サービスの正常性と問題を読み取ります。",
    ),
)

THREAT_HUNTING_READ = Permission(
    "ThreatHunting.Read.All",
    Text(
        "Run hunting queries over mail in which threats were found.",
        "脅威が検出されたメールについて高度な検索クエリを実行します。",
    ),
)

USER_READ = Permission(
    "User.Read.All",
    Text(
        "Read the user accounts.",
        "ユーザー アカウントを読み取ります。",
    ),
    covered_by=("User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
)
