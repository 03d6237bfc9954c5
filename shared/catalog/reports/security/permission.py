"""Who holds which directory role, or may activate it, directly or through a group."""

from sqlalchemy import Text as TextType
from sqlalchemy import case, func

from shared.catalog import words
from shared.catalog.activity import ACTIVITY, activity_status, last_use, unused_days
from shared.catalog.authentication_methods import mfa_status
from shared.catalog.expressions import account_status, type_name
from shared.catalog.labels import ACCOUNT, MFA, PRINCIPAL
from shared.catalog.role_holdings import HELD_AS, SCOPE_KINDS, role_holders, scope_kind
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_GROUP = Text("Through group", "経由グループ")
_SCOPE = Text("Scope of access", "アクセス権限")
_ATTEMPT = Text("Last attempt", "最終サインイン (試行)")
_PRINCIPAL = Text("Principal type", "プリンシパルの種類")


@report_table
def _permission(s: Sources) -> Table:
    found = role_holders(s)
    given, member, user = found.holdings.c, found.members.c, found.users.c
    role, activity, signed = found.roles.c, found.activity, found.activity.c
    known = case((user.id.is_not(None), "user"))
    kind = func.coalesce(type_name(member.member_type), type_name(given.principal_type), known)
    own_name, row_id = given.principal_display_name, (given.id, member.member_id)
    name = func.coalesce(user.display_name, member.display_name, own_name)
    via_group = case((member.member_id.is_not(None), own_name))
    email = func.coalesce(user.mail, user.user_principal_name)
    role_name = func.coalesce(role.display_name, given.role_definition_id)
    unused = unused_days(s.as_of, activity, user.created_at)
    state = activity_status(s, activity, user.created_at)
    # Unknown for people that the list of registrations lacks; null for what registers nothing.
    mfa = mfa_status(found.registration, case((kind == "user", "unknown")))
    enabled = account_status(user.account_enabled)
    return Table(
        found.source,
        col("user_name", name, words.USER_NAME),
        col("email", email, words.EMAIL),
        col("department", user.department, words.DEPARTMENT),
        col("admin_role", role_name, Text("Administrator role", "管理者ロール")),
        col("access_rights", scope_kind(found.holdings), _SCOPE, labels=SCOPE_KINDS),
        col("last_used_at", last_use(activity), words.LAST_USE),
        col("mfa_status", mfa, Text("MFA status", "MFA状況"), labels=MFA),
        col("status", enabled, Text("Account status", "ステータス"), labels=ACCOUNT),
        col("id", func.concat_ws("/", *row_id, type_=TextType), words.ID),
        col("held_as", given.held_as, Text("Held as", "保有形態"), labels=HELD_AS),
        col("eligible_until", given.eligible_until, Text("Eligible until", "資格の終了")),
        col("principal_id", found.holder, Text("Principal id", "プリンシパル ID")),
        col("principal_type", kind, _PRINCIPAL, labels=PRINCIPAL),
        col("via_group", via_group, _GROUP, personal=False, because="who has members is a group"),
        col("user_principal_name", user.user_principal_name, words.UPN),
        col("last_sign_in_at", signed.last_sign_in_at, _ATTEMPT),
        col("inactive_days", unused, words.UNUSED_DAYS),
        col("activity_status", state, words.ACTIVITY_STATE, labels=ACTIVITY),
        col("role_description", role.description, Text("Role description", "ロールの説明")),
        col("role_is_built_in", role.is_built_in, Text("Built-in role", "組み込みロール")),
        col("scope", given.directory_scope_id, Text("Scope id", "スコープ")),
    )


REPORT = Report(
    title=Text("Permission audit", "権限監査"),
    description=Text(
        "Who holds a directory role and who may activate it (PIM), one row per holder and role, "
        "members of groups included. Not contained: Azure roles, and who may only activate a "
        "membership of a group.",
        "ディレクトリ ロールを保有する人と有効化できる人 (PIM)。保有者とロールごとに 1 行で、グループの"
        "メンバーも含みます。Azure ロールと、グループのメンバーシップの資格のみを持つ人は含みません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/unifiedroleassignment",
    lacks={
        "role_eligibilities": Text(
            "Who may only activate a role (PIM) is missing from the report.",
            "ロールを有効化できるだけの人 (PIM) がレポートに含まれていません。",
        ),
        "members": Text(
            "The members of groups that hold a role are missing from the report.",
            "ロールを保有するグループのメンバーがレポートに含まれていません。",
        ),
    },
    table=_permission,
    # Ids of assignments and of eligibilities come from two lists: nothing says that they differ.
    row_key=("id", "held_as"),
    order=("admin_role", "user_name"),
    chart=Chart(kind="bar", across="admin_role"),
    powershell=PowerShellFile(
        path="Analysis/Permission/PermissionAudit",
        en="user_name, email, department, admin_role, access_rights, LastLogin last_used_at, "
        "mfa_status, status",
        ja="user_name, email, department, admin_role, access_rights, 最終ログイン last_used_at, "
        "mfa_status, status",
    ),
)
