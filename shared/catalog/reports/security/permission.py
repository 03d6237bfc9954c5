"""Who holds which directory role, directly or through a group."""

from sqlalchemy import Select, case, func, select

from shared.catalog.expressions import account_status
from shared.catalog.labels import ACCOUNT, MFA
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    assignments, roles = sources.entity("role_assignments"), sources.entity("role_definitions")
    members, users = sources.entity("members"), sources.entity("users")
    activity = sources.entity("sign_in_activity")
    registration = sources.entity("user_registration_details")
    given, member, user = assignments.c, members.c, users.c
    # CASE, because below a policy PostgreSQL takes COALESCE for leaky and looks up no id by index.
    holder = case((member.member_id.is_not(None), member.member_id), else_=given.principal_id)
    registered = registration.c.is_mfa_registered
    kind = func.coalesce(member.member_type, given.principal_type)
    return select(
        func.coalesce(user.display_name, member.display_name, given.principal_display_name).label(
            "user_name"
        ),
        func.coalesce(user.mail, user.user_principal_name).label("email"),
        user.department,
        func.coalesce(roles.c.display_name, given.role_definition_id).label("admin_role"),
        case(
            (given.directory_scope_id == "/", "tenant"),
            (given.directory_scope_id.like("/administrativeUnits/%"), "administrative_unit"),
            (given.directory_scope_id.is_not(None), "object"),
            (given.app_scope_id.is_not(None), "application"),
        ).label("access_rights"),
        activity.c.last_sign_in_at,
        case((registered, "registered"), (~registered, "not_registered")).label("mfa_status"),
        account_status(user.account_enabled).label("status"),
        func.concat_ws("/", given.id, member.member_id).label("id"),
        holder.label("principal_id"),
        func.replace(kind, "#microsoft.graph.", "").label("principal_type"),
        case((member.member_id.is_not(None), given.principal_display_name)).label("via_group"),
        user.user_principal_name,
        roles.c.description.label("role_description"),
        roles.c.is_built_in.label("role_is_built_in"),
        given.directory_scope_id.label("scope"),
    ).select_from(
        assignments.outerjoin(roles, roles.c.id == given.role_definition_id)
        .outerjoin(members, member.parent_id == given.principal_id)
        .outerjoin(users, user.id == holder)
        .outerjoin(activity, activity.c.id == holder)
        .outerjoin(registration, registration.c.id == holder)
    )


REPORT = Report(
    title=Text("Permission audit", "権限監査"),
    description=Text(
        "Directory role assignments, one row per holder and role, members of groups included.",
        "ディレクトリ ロールの割り当て。保有者とロールごとに 1 行で、グループのメンバーも含みます。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/unifiedroleassignment",
    needs=(
        "role_assignments",
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
        Column(
            "access_rights",
            "text",
            "Scope of access",
            "アクセス権限",
            labels={
                "tenant": Text("Whole tenant", "テナント全体"),
                "administrative_unit": Text("Administrative unit", "管理単位"),
                "object": Text("Single object", "個別オブジェクト"),
                "application": Text("Application", "アプリケーション"),
            },
        ),
        Column(
            "last_sign_in_at",
            "timestamp",
            "Last sign-in",
            "最終ログイン",
            personal=True,
        ),
        Column("mfa_status", "text", "MFA status", "MFA状況", labels=MFA),
        Column("status", "text", "Account status", "ステータス", labels=ACCOUNT),
        Column("id", "text", "Id", "ID"),
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
        Column("role_description", "text", "Role description", "ロールの説明"),
        Column("role_is_built_in", "bool", "Built-in role", "組み込みロール"),
        Column("scope", "text", "Scope id", "スコープ"),
    ),
    legacy=LegacyFile(
        en=(
            "UserName user_name, Email email, Department department, AdminRole admin_role, "
            "AccessRights access_rights, LastLogin last_sign_in_at, MFAStatus mfa_status, "
            "Status status"
        ),
        ja=(
            "ユーザー名 user_name, メールアドレス email, 部署 department, "
            "管理者ロール admin_role, アクセス権限 access_rights, 最終ログイン last_sign_in_at, "
            "MFA状況 mfa_status, ステータス status"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("admin_role", "user_name"),
)
