"""Who holds which directory role, or may activate it, directly or through a group."""

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select

from shared.catalog.activity import ACTIVITY, activity_status, last_use, unused_days
from shared.catalog.expressions import account_status
from shared.catalog.labels import ACCOUNT, MFA
from shared.catalog.role_holdings import HELD_AS, SCOPE_KINDS, role_holdings, scope_kind
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    roles = sources.entity("role_definitions")
    members, users = sources.entity("members"), sources.entity("users")
    activity = sources.entity("sign_in_activity")
    registration = sources.entity("user_registration_details")
    holdings = role_holdings(sources)
    given, member, user = holdings.c, members.c, users.c
    # CASE, because below a policy PostgreSQL takes COALESCE for leaky and looks up no id by index.
    holder = case((member.member_id.is_not(None), member.member_id), else_=given.principal_id)
    known = case((user.id.is_not(None), "user"))
    kind = func.coalesce(_plain(member.member_type), _plain(given.principal_type), known)
    return select(
        func.coalesce(user.display_name, member.display_name, given.principal_display_name).label(
            "user_name"
        ),
        func.coalesce(user.mail, user.user_principal_name).label("email"),
        user.department,
        func.coalesce(roles.c.display_name, given.role_definition_id).label("admin_role"),
        scope_kind(holdings).label("access_rights"),
        last_use(activity).label("last_used_at"),
        _mfa_status(kind, registration).label("mfa_status"),
        account_status(user.account_enabled).label("status"),
        func.concat_ws("/", given.id, member.member_id).label("id"),
        given.held_as,
        given.eligible_until,
        holder.label("principal_id"),
        kind.label("principal_type"),
        case((member.member_id.is_not(None), given.principal_display_name)).label("via_group"),
        user.user_principal_name,
        activity.c.last_sign_in_at,
        unused_days(sources.as_of, activity, user.created_at).label("inactive_days"),
        activity_status(sources.as_of, activity, user.created_at).label("activity_status"),
        roles.c.description.label("role_description"),
        roles.c.is_built_in.label("role_is_built_in"),
        given.directory_scope_id.label("scope"),
    ).select_from(
        holdings.outerjoin(roles, roles.c.id == given.role_definition_id)
        .outerjoin(members, member.parent_id == given.principal_id)
        .outerjoin(users, user.id == holder)
        .outerjoin(activity, activity.c.id == holder)
        .outerjoin(registration, registration.c.id == holder)
    )


def _plain(type_name: ColumnElement[str]) -> ColumnElement[str]:
    """The type without its namespace; some services leave out the sign before it."""
    return func.regexp_replace(type_name, r"^#?microsoft\.graph\.", "")


def _mfa_status(kind: ColumnElement[str], registration: FromClause) -> ColumnElement[str]:
    """Unknown for people that the list of registrations lacks; null for what registers nothing."""
    registered = registration.c.is_mfa_registered
    return case(
        (registered, "registered"),
        (~registered, "not_registered"),
        (kind == "user", "unknown"),
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
    needs=(
        "role_assignments",
        "role_eligibilities",
        "role_definitions",
        "members",
        "users",
        "sign_in_activity",
        "user_registration_details",
    ),
    columns=(
        Column("user_name", "text", "User name", "ユーザー名", personal=True),
        Column("email", "text", "Email", "メールアドレス", personal=True),
        Column("department", "text", "Department", "部署"),
        Column("admin_role", "text", "Administrator role", "管理者ロール"),
        Column("access_rights", "text", "Scope of access", "アクセス権限", labels=SCOPE_KINDS),
        Column("last_used_at", "timestamp", "Last use", "最終サインイン (成功)", personal=True),
        Column("mfa_status", "text", "MFA status", "MFA状況", labels=MFA),
        Column("status", "text", "Account status", "ステータス", labels=ACCOUNT),
        Column("id", "text", "Id", "ID"),
        Column("held_as", "text", "Held as", "保有形態", labels=HELD_AS),
        Column("eligible_until", "timestamp", "Eligible until", "資格の終了"),
        Column("principal_id", "text", "Principal id", "プリンシパル ID"),
        Column(
            "principal_type",
            "text",
            "Principal type",
            "プリンシパルの種類",
            labels={
                "user": Text("User", "ユーザー"),
                "group": Text("Group", "グループ"),
                "servicePrincipal": Text("Application", "アプリケーション"),
            },
        ),
        Column("via_group", "text", "Through group", "経由グループ"),
        Column("user_principal_name", "text", "UPN", "ユーザープリンシパル名", personal=True),
        Column(
            "last_sign_in_at", "timestamp", "Last attempt", "最終サインイン (試行)", personal=True
        ),
        Column("inactive_days", "int", "Days unused", "未使用日数", personal=True),
        Column("activity_status", "text", "Activity", "アクティビティ状態", labels=ACTIVITY),
        Column("role_description", "text", "Role description", "ロールの説明"),
        Column("role_is_built_in", "bool", "Built-in role", "組み込みロール"),
        Column("scope", "text", "Scope id", "スコープ"),
    ),
    legacy=LegacyFile(
        en=(
            "UserName user_name, Email email, Department department, AdminRole admin_role, "
            "AccessRights access_rights, LastLogin last_used_at, MFAStatus mfa_status, "
            "Status status"
        ),
        ja=(
            "ユーザー名 user_name, メールアドレス email, 部署 department, "
            "管理者ロール admin_role, アクセス権限 access_rights, 最終ログイン last_used_at, "
            "MFA状況 mfa_status, ステータス status"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("admin_role", "user_name"),
)
