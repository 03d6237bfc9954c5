"""Which accounts exist, what they are for, and when they were last used."""

from sqlalchemy import case

from shared.catalog import words
from shared.catalog.activity import ACTIVITY, activity_status, last_use, unused_days
from shared.catalog.expressions import account_status, array_length, freshness
from shared.catalog.labels import ACCOUNT, FRESHNESS, LICENSED, RISK
from shared.catalog.passwords import password_age, password_risk
from shared.catalog.table import AVERAGE, Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.text import Text

_ATTEMPT = Text("Last interactive attempt", "最終対話型サインイン (試行)")
_BY_CLIENT = Text("Last non-interactive attempt", "最終非対話型サインイン (試行)")
_UPN = Text("User principal name", "ユーザープリンシパル名")
_ACCOUNT = Text("Account status", "アカウントステータス")
_PASSWORD = Text("Password state", "パスワード状態")
_AGE = Text("Password age (days)", "パスワード未変更日数")
_CHANGED = Text("Last password change", "最終パスワード変更")


@report_table
def _users(s: Sources) -> Table:
    users, activity = s.entity("users"), s.entity("sign_in_activity")
    user, signed = users.c, activity.c
    enabled = account_status(user.account_enabled)
    licences = array_length(user.assigned_licenses)
    licensed = case((licences > 0, "licensed"), (licences == 0, "unlicensed"))
    unused = unused_days(s.as_of, activity, user.created_at)
    state = activity_status(s, activity, user.created_at)
    changed, by_client = user.last_password_change_at, signed.last_non_interactive_sign_in_at
    age = password_age(s, users)
    return Table(
        users.outerjoin(activity, signed.id == user.id),
        col("display_name", user.display_name, words.DISPLAY_NAME),
        col("user_principal_name", user.user_principal_name, _UPN),
        col("email", user.mail, words.EMAIL),
        col("department", user.department, words.DEPARTMENT),
        col("job_title", user.job_title, Text("Job title", "役職")),
        col("account_status", enabled, _ACCOUNT, labels=ACCOUNT),
        col("license_status", licensed, Text("Licence status", "ライセンス状況"), labels=LICENSED),
        col("created_at", user.created_at, words.CREATED),
        col("last_sign_in_at", signed.last_sign_in_at, _ATTEMPT),
        col("usage_location", user.usage_location, Text("Usage location", "利用場所")),
        col("id", user.id, words.OBJECT_ID),
        col("user_type", user.user_type, words.USER_TYPE),
        col("last_non_interactive_sign_in_at", by_client, _BY_CLIENT),
        col("last_used_at", last_use(activity), words.LAST_USE),
        col("inactive_days", unused, words.UNUSED_DAYS),
        col("activity_status", state, words.ACTIVITY_STATE, labels=ACTIVITY),
        col("last_password_change_at", changed, _CHANGED),
        col("password_age_days", age, _AGE, total=AVERAGE),
        col("password_status", freshness(s, age), _PASSWORD, labels=FRESHNESS),
        col(
            "risk_level",
            password_risk(s, age),
            Text("Risk from password age", "リスク"),
            labels=RISK,
        ),
    )


REPORT = Report(
    title=Text("User list", "ユーザー一覧"),
    description=Text(
        "Every account with department, licence state, last successful sign-in and password age.",
        "部署、ライセンス状況、最終サインイン (成功)、パスワード経過日数を含むすべてのアカウント。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/user",
    table=_users,
    order=("display_name",),
    chart=Chart(kind="bar", across="activity_status"),
    presets={
        "stale": Preset(
            words=Text("Enabled accounts nobody uses", "長期未使用の有効なアカウント"),
            asked={
                "filter": "account_status eq 'enabled' and activity_status in ('stale','never_used')",
                "orderBy": "inactive_days desc",
            },
        )
    },
    powershell=PowerShellFile(
        path="EntraIDManagement/UserList",
        en="display_name, user_principal_name, email, department, job_title, account_status, "
        "license_status, CreationDate created_at, LastSignIn last_used_at, usage_location, id",
        ja="ユーザー名 user_principal_name, email, display_name, department, job_title, "
        "最終ログイン last_used_at, created_at, ステータス account_status",
    ),
)
