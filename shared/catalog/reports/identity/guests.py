"""Which guests there are, whether they came and still come, and what they can reach."""

from shared.catalog import guest_reach as guests
from shared.catalog import words
from shared.catalog.activity import ACTIVITY, activity_status, last_use, unused_days
from shared.catalog.expressions import account_status
from shared.catalog.labels import ACCOUNT
from shared.catalog.table import SUM, Table, col, report_table
from shared.catalog.user_types import is_guest
from shared.core.report import Chart, Report, Sources
from shared.core.text import Text

_DOMAIN = Text("Home domain", "所属ドメイン")
_STATE = Text("Account status", "アカウントの状態")
_INVITATION = Text("Invitation", "招待の状態")
_GROUPS = Text("Number of groups", "グループ数")
_TEAMS = Text("Number of teams", "チーム数")
_ROLES = Text("Number of roles", "ロール数")
_NOT_WHO = "an organization's domain names nobody"


@report_table
def _guests(s: Sources) -> Table:
    users, activity = s.entity("users"), s.entity("sign_in_activity")
    user = users.c
    found = guests.reach(s, users.outerjoin(activity, activity.c.id == user.id), users)
    groups, roles = found.groups.c, found.roles.c
    enabled, used = account_status(user.account_enabled), last_use(activity)
    unused = unused_days(s.as_of, activity, user.created_at)
    state = activity_status(s, activity, user.created_at)
    domain, invited = guests.home_domain(users), user.external_user_state
    return Table(
        found.source,
        col("display_name", user.display_name, words.DISPLAY_NAME),
        col("email", user.mail, words.EMAIL),
        col("home_domain", domain, _DOMAIN, personal=False, because=_NOT_WHO),
        col("account_status", enabled, _STATE, labels=ACCOUNT),
        col("invitation_state", invited, _INVITATION, labels=guests.INVITATION),
        col("created_at", user.created_at, words.CREATED),
        col("last_used_at", used, words.LAST_USE),
        col("inactive_days", unused, words.UNUSED_DAYS),
        col("activity_status", state, words.ACTIVITY_STATE, labels=ACTIVITY),
        col("group_count", groups.groups, _GROUPS, total=SUM),
        col("team_count", groups.teams, _TEAMS, total=SUM),
        col("role_count", guests.role_count(s, found), _ROLES, total=SUM),
        col("groups", groups.group_names, Text("Groups", "グループ")),
        col("teams", groups.team_names, Text("Teams", "チーム")),
        col("roles", roles.names, Text("Roles", "ロール")),
        col("company_name", user.company_name, Text("Company", "会社名")),
        col("user_principal_name", user.user_principal_name, words.UPN),
        col("id", user.id, words.OBJECT_ID),
        where=is_guest(user.user_type),
    )


REPORT = Report(
    title=Text("Guests", "ゲスト"),
    description=Text(
        "Every guest account with its invitation, its last successful sign-in, and what it can reach: "
        "groups and teams it is a direct member of, and administrator roles it holds or may activate, "
        "through a group too. Not contained: groups within groups, and shared files.",
        "すべてのゲスト アカウントと招待の状態、最終サインイン (成功)、到達できる範囲 (直接所属するグループと"
        "チーム、グループ経由を含む保有・有効化可能な管理者ロール)。入れ子のグループと共有ファイルは含みません。",
    ),
    docs="https://learn.microsoft.com/en-us/entra/external-id/user-properties",
    lacks=guests.LACKS,
    table=_guests,
    order=("display_name",),
    chart=Chart(kind="bar", across="activity_status"),
    presets=guests.PRESETS,
)
