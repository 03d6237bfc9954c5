"""Who has registered which second factor, and who has none."""

from sqlalchemy import Text as TextType
from sqlalchemy import case, func

from shared.catalog import authentication_methods as methods
from shared.catalog import words
from shared.catalog.expressions import account_status
from shared.catalog.labels import ACCOUNT, COMPLIANCE, MFA, MFA_RATING, RISK
from shared.catalog.registered_people import RegisteredPeople, accounts, without_account
from shared.catalog.table import COUNT, Table, absent, col, report_table
from shared.catalog.union import union
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_STRONGEST = Text("Strongest method", "認証方法")
_FALLBACK = Text("Fallback method", "フォールバック方法")
_PASSWORDLESS = Text("Passwordless capable", "パスワードレス利用可能")
_RESET = Text("Password reset registered", "SSPR登録済み")
_SET_UP = Text("Last MFA set-up", "最終MFA設定日")
_NO_DATE = Text(
    "Microsoft Graph does not say when a method was registered.",
    "認証方法の登録日時は Microsoft Graph から取得できません。",
)


@report_table
def _mfa(s: Sources) -> Table:
    """Every account, registered or not, and who is registered but is no account (any more)."""
    return union(_rows(accounts(s)), _rows(without_account(s)))


def _rows(people: RegisteredPeople) -> Table:
    """The report's columns; name and id are those of `people.who`."""
    registration, who = people.registration, people.who.c
    row, user = registration.c, people.users.c
    registered, upn = row.is_mfa_registered, user.user_principal_name
    count, several = methods.factor_count(registration), methods.has_several_factors(registration)
    email = func.coalesce(user.mail, upn, row.user_principal_name)
    status = case((registered, "registered"), (~registered, "not_registered"), else_="unknown")
    compliance = case((registered, "compliant"), (~registered, "non_compliant"))
    risk = case((count == 0, "high"), (several, "low"), (count == 1, "medium"))
    rating = case((count == 0, "dangerous"), (several, "excellent"), (count == 1, "good"))
    strongest, fallback = (methods.registered_method(registration, place) for place in (0, 1))
    account = account_status(user.account_enabled)
    # The one says member or guest, the other Member or Guest.
    user_type = func.lower(func.coalesce(row.user_type, user.user_type), type_=TextType)
    return Table(
        people.source,
        col("user_name", who.display_name, words.USER_NAME),
        col("email", email, words.EMAIL),
        col("department", user.department, words.DEPARTMENT),
        col("mfa_status", status, Text("MFA status", "MFAステータス"), labels=MFA),
        col("authentication_method", strongest, _STRONGEST, labels=methods.METHOD_WORDS),
        col("fallback_method", fallback, _FALLBACK, labels=methods.METHOD_WORDS),
        absent("last_mfa_setup_at", "timestamp", _SET_UP, _NO_DATE),
        col("compliance", compliance, words.COMPLIANCE, labels=COMPLIANCE),
        col("risk_level", risk, words.RISK_LEVEL, labels=RISK),
        col("id", who.id, words.OBJECT_ID),
        col("account_status", account, Text("Account status", "アカウントの状態"), labels=ACCOUNT),
        col("user_principal_name", func.coalesce(upn, row.user_principal_name), words.UPN),
        col("method_count", count, Text("Number of factors", "認証方法数")),
        col("rating", rating, Text("Rating", "セキュリティ評価"), labels=MFA_RATING),
        col("methods_registered", row.methods_registered, Text("All methods", "認証方法詳細")),
        col("user_type", user_type, words.USER_TYPE),
        col("is_admin", row.is_admin, Text("Administrator", "管理者"), total=COUNT),
        col("is_mfa_capable", row.is_mfa_capable, Text("MFA capable", "MFA利用可能"), total=COUNT),
        col("is_passwordless_capable", row.is_passwordless_capable, _PASSWORDLESS),
        col("is_sspr_registered", row.is_sspr_registered, _RESET),
        col("last_updated_at", row.last_updated_at, Text("Source updated", "情報更新日時")),
        where=people.where,
    )


REPORT = Report(
    title=Text("MFA status", "MFA状況"),
    description=Text(
        "Registered authentication methods of each account, strongest first, and the risk that "
        "follows. Blocked accounts are contained; an account that Microsoft's list of registrations "
        "lacks is unknown, and so is the worth of a method that is new.",
        "アカウントごとの登録済み認証方法 (強い順) と、そこから判断したリスク。ブロックされたアカウントも"
        "含みます。Microsoft の登録一覧にないアカウントと、新しい認証方法の強度は不明として示します。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/userregistrationdetails",
    lacks={
        "users": Text(
            "Accounts that Microsoft's list of registrations lacks are missing from the report.",
            "Microsoft の登録一覧にないアカウントがレポートに含まれていません。",
        )
    },
    table=_mfa,
    order=("user_name",),
    chart=Chart(kind="bar", across="mfa_status"),
    powershell=PowerShellFile(
        path="EntraIDManagement/MFAStatus",
        en="user_name, email, department, mfa_status, authentication_method, fallback_method, "
        "LastMFASetupDate last_mfa_setup_at, compliance, risk_level",
        ja="user_name, email, department, mfa_status, authentication_method, fallback_method, last_mfa_setup_at, compliance, risk_level",
    ),
)
