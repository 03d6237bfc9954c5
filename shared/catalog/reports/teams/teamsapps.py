"""Which apps are used in Teams: where each is installed, in which version, and whether it is allowed."""

from shared.catalog import teams_installs as installs
from shared.catalog import words
from shared.catalog.table import SUM, Table, absent, col, report_table
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.text import Text

_NUMBER = Text("Installations", "インストール数")
_ACTIVE = Text("Active users", "アクティブユーザー数")
_SCORE = Text("Security score", "セキュリティスコア")
_NO_SCORE = Text(
    "Microsoft Graph has no security score of a Teams app.",
    "Teams アプリのセキュリティ スコアは Microsoft Graph から取得できません。",
)


@report_table
def _apps(s: Sources) -> Table:
    app = installs.apps(s)
    return Table(
        app.source,
        col("app_name", app.name, Text("App", "アプリ名")),
        col("version", app.version, Text("Version", "バージョン")),
        col("publisher", app.publisher, Text("Publisher", "パブリッシャー")),
        col("installation_count", app.number, _NUMBER, total=SUM),
        col("active_users_count", app.active_users, _ACTIVE),
        col("last_used_date", app.last_used, Text("Last used", "最終使用日")),
        col("app_status", app.state, Text("App status", "アプリステータス"), labels=installs.STATES),
        col("permission_status", app.permission, Text("Permission", "許可ステータス"), labels=installs.PERMISSION),
        absent("security_score", "int", _SCORE, _NO_SCORE),
        col("distribution_method", app.method, Text("Source", "配布元"), labels=installs.METHODS),
        col("team_count", app.in_teams, Text("In teams", "チームでのインストール数"), total=SUM),
        col("user_count", app.of_users, Text("For users", "ユーザーのインストール数"), total=SUM),
        col("id", app.id, words.ID),
    )  # fmt: skip


REPORT = Report(
    title=Text("Teams apps", "アプリ分析"),
    description=Text(
        "One row per app that is installed in a team or for a user, or that is the organization's own. "
        "Installations are counted once both kinds have been read to the end. Publisher, active users and "
        "last use are those of the imported list of the Teams admin centre, found by the app's name; "
        "Microsoft Graph has none of them. Permission is what the "
        "global app permission policy says; tenants that manage each app by itself go by no policy.",
        "チームまたはユーザーにインストールされているアプリ、および組織独自のアプリごとに 1 行。インストール数は両方の"
        "取得が完了した場合に表示します。パブリッシャー、アクティブ ユーザー数、最終使用日は Teams 管理センターから"
        "インポートした一覧をアプリ名で照合した値です (Microsoft Graph では取得できません)。許可ステータスはグローバルのアプリ アクセス許可ポリシーによる判定です "
        "(アプリ中心の管理を使用するテナントには適用されません)。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/teamsappinstallation",
    table=_apps,
    order=("app_name",),
    chart=Chart(kind="bar", across="app_name", up=("installation_count",)),
    lacks={
        "teams_apps": Text(
            "Apps of the organization that nobody has installed are missing, and so is what the catalogue tells.",
            "未インストールの組織アプリとカタログの情報が含まれていません。",
        ),
        "team_app_installs": Text(
            "Apps of teams are missing from the report.",
            "チームのアプリがレポートに含まれていません。",
        ),
        "user_app_installs": Text(
            "Apps of users are missing from the report.",
            "ユーザーのアプリがレポートに含まれていません。",
        ),
        "teams_app_usage": Text(
            "Publisher, active users and last use are empty until the list of the Teams admin centre is imported.",
            "Teams 管理センターの一覧をインポートするまで、パブリッシャーと使用状況は空欄です。",
        ),
        "teams_configuration": Text(
            "Whether an app is allowed is not known.",
            "アプリが許可されているかどうかを取得できていません。",
        ),
    },
    presets={
        "blocked": Preset(
            words=Text("Blocked apps that are installed", "インストール済みのブロック対象アプリ"),
            asked={"filter": "permission_status eq 'blocked' and installation_count gt 0"},
        ),
        "sideloaded": Preset(
            words=Text("Sideloaded apps", "サイドロードされたアプリ"),
            asked={"filter": "distribution_method eq 'sideloaded'"},
        ),
    },
    powershell=PowerShellFile(
        path="TeamsManagement/TeamsAppAnalysis",
        en="app_name, version, publisher, installation_count, active_users_count, last_used_date, "
        "app_status, permission_status, security_score",
        ja="app_name, version, publisher, installation_count, active_users_count, last_used_date, "
        "app_status, permission_status, security_score",
    ),
)
