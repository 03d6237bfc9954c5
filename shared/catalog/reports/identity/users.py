"""Which accounts exist, what they are for, and when they were last used."""

from sqlalchemy import Select, case, select

from shared.catalog.activity import ACTIVITY, activity_status, last_use, unused_days
from shared.catalog.expressions import account_status, array_length, days_before, freshness
from shared.catalog.labels import ACCOUNT, FRESHNESS, LICENSED, RISK
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    users, activity = sources.entity("users"), sources.entity("sign_in_activity")
    user, signed = users.c, activity.c
    password_age = days_before(sources.as_of, user.last_password_change_at)
    licences = array_length(user.assigned_licenses)
    return select(
        user.display_name,
        user.user_principal_name,
        user.mail.label("email"),
        user.department,
        user.job_title,
        account_status(user.account_enabled).label("account_status"),
        case((licences > 0, "licensed"), (licences == 0, "unlicensed")).label("license_status"),
        user.created_at,
        signed.last_sign_in_at,
        user.usage_location,
        user.id,
        user.user_type,
        signed.last_non_interactive_sign_in_at,
        last_use(activity).label("last_used_at"),
        unused_days(sources.as_of, activity, user.created_at).label("inactive_days"),
        activity_status(sources.as_of, activity, user.created_at).label("activity_status"),
        user.last_password_change_at,
        password_age.label("password_age_days"),
        freshness(password_age).label("password_status"),
        case(
            (password_age > 365, "high"), (password_age > 180, "medium"), (password_age >= 0, "low")
        ).label("risk_level"),
    ).select_from(users.outerjoin(activity, signed.id == user.id))


REPORT = Report(
    title=Text("User list", "ユーザー一覧"),
    description=Text(
        "Every account with department, licence state, last successful sign-in and password age.",
        "部署、ライセンス状況、最終サインイン (成功)、パスワード経過日数を含むすべてのアカウント。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/user",
    needs=("users", "sign_in_activity"),
    columns=(
        Column(
            "display_name",
            "text",
            "Display name",
            "表示名",
            personal=True,
        ),
        Column(
            "user_principal_name",
            "text",
            "User principal name",
            "ユーザープリンシパル名",
            personal=True,
        ),
        Column("email", "text", "Email", "メールアドレス", personal=True),
        Column("department", "text", "Department", "部署"),
        Column("job_title", "text", "Job title", "役職", personal=True),
        Column(
            "account_status",
            "text",
            "Account status",
            "アカウントステータス",
            labels=ACCOUNT,
        ),
        Column(
            "license_status",
            "text",
            "Licence status",
            "ライセンス状況",
            labels=LICENSED,
        ),
        Column("created_at", "timestamp", "Created", "作成日"),
        Column(
            "last_sign_in_at",
            "timestamp",
            "Last interactive attempt",
            "最終対話型サインイン (試行)",
            personal=True,
        ),
        Column("usage_location", "text", "Usage location", "利用場所"),
        Column("id", "text", "Object id", "オブジェクト ID"),
        Column("user_type", "text", "User type", "ユーザーの種類"),
        Column(
            "last_non_interactive_sign_in_at",
            "timestamp",
            "Last non-interactive attempt",
            "最終非対話型サインイン (試行)",
            personal=True,
        ),
        Column("last_used_at", "timestamp", "Last use", "最終サインイン (成功)", personal=True),
        Column("inactive_days", "int", "Days unused", "未使用日数", personal=True),
        Column("activity_status", "text", "Activity", "アクティビティ状態", labels=ACTIVITY),
        Column(
            "last_password_change_at",
            "timestamp",
            "Last password change",
            "最終パスワード変更",
            personal=True,
        ),
        Column("password_age_days", "int", "Password age (days)", "パスワード未変更日数"),
        Column("password_status", "text", "Password state", "パスワード状態", labels=FRESHNESS),
        Column("risk_level", "text", "Risk from password age", "リスク", labels=RISK),
    ),
    legacy=LegacyFile(
        en=(
            "DisplayName display_name, UserPrincipalName user_principal_name, Email email, "
            "Department department, JobTitle job_title, AccountStatus account_status, "
            "LicenseStatus license_status, CreationDate created_at, LastSignIn last_used_at, "
            "UsageLocation usage_location, Id id"
        ),
        ja=(
            "ユーザー名 user_principal_name, メールアドレス email, 表示名 display_name, "
            "部署 department, 役職 job_title, 最終ログイン last_used_at, 作成日 created_at, "
            "ステータス account_status"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("display_name",),
)
