"""Who has registered which second factor, and who has none."""

from sqlalchemy import FromClause, Select, case, func, select, union_all

from shared.catalog.authentication_methods import (
    METHOD_WORDS,
    factor_count,
    has_several_factors,
    registered_method,
)
from shared.catalog.expressions import account_status, nothing
from shared.catalog.labels import ACCOUNT, COMPLIANCE, MFA, MFA_RATING, RISK
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    """Every account, registered or not, and who is registered but is no account (any more)."""
    registration, users = sources.entity("user_registration_details"), sources.entity("users")
    accounts = _rows(users, registration, users).select_from(
        users.outerjoin(registration, registration.c.id == users.c.id)
    )
    registration, users = sources.entity("user_registration_details"), sources.entity("users")
    others = _rows(registration, registration, users).select_from(
        registration.outerjoin(users, users.c.id == registration.c.id)
    )
    # Each half comes by index in the report's order, so that a page need not read and sort all.
    halves = (
        half.order_by(half.selected_columns.user_name, half.selected_columns.id)
        for half in (accounts, others.where(users.c.id.is_(None)))
    )
    everybody = union_all(*halves).subquery("everybody")
    return select(*everybody.c)


def _rows(
    who: FromClause, registration: FromClause, users: FromClause
) -> Select[tuple[object, ...]]:
    """The report's columns; name and id are those of `who`."""
    row, user = registration.c, users.c
    registered = row.is_mfa_registered
    count, several = factor_count(registration), has_several_factors(registration)
    return select(
        who.c.display_name.label("user_name"),
        func.coalesce(user.mail, user.user_principal_name, row.user_principal_name).label("email"),
        user.department,
        case((registered, "registered"), (~registered, "not_registered"), else_="unknown").label(
            "mfa_status"
        ),
        registered_method(registration, 0).label("authentication_method"),
        registered_method(registration, 1).label("fallback_method"),
        nothing("timestamp").label("last_mfa_setup_at"),
        case((registered, "compliant"), (~registered, "non_compliant")).label("compliance"),
        case((count == 0, "high"), (several, "low"), (count == 1, "medium")).label("risk_level"),
        who.c.id,
        account_status(user.account_enabled).label("account_status"),
        func.coalesce(user.user_principal_name, row.user_principal_name).label(
            "user_principal_name"
        ),
        count.label("method_count"),
        case((count == 0, "dangerous"), (several, "excellent"), (count == 1, "good")).label(
            "rating"
        ),
        row.methods_registered,
        # The one says member or guest, the other Member or Guest.
        func.lower(func.coalesce(row.user_type, user.user_type)).label("user_type"),
        row.is_admin,
        row.is_mfa_capable,
        row.is_passwordless_capable,
        row.is_sspr_registered,
        row.last_updated_at,
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
    needs=("user_registration_details", "users"),
    lacks={
        "users": Text(
            "Accounts that Microsoft's list of registrations lacks are missing from the report.",
            "Microsoft の登録一覧にないアカウントがレポートに含まれていません。",
        )
    },
    columns=(
        Column("user_name", "text", "User name", "ユーザー名", personal=True),
        Column("email", "text", "Email", "メールアドレス", personal=True),
        Column("department", "text", "Department", "部署"),
        Column("mfa_status", "text", "MFA status", "MFAステータス", labels=MFA),
        Column(
            "authentication_method", "text", "Strongest method", "認証方法", labels=METHOD_WORDS
        ),
        Column(
            "fallback_method", "text", "Fallback method", "フォールバック方法", labels=METHOD_WORDS
        ),
        Column(
            "last_mfa_setup_at",
            "timestamp",
            "Last MFA set-up",
            "最終MFA設定日",
            unavailable=Text(
                "Microsoft Graph does not say when a method was registered.",
                "認証方法の登録日時は Microsoft Graph から取得できません。",
            ),
        ),
        Column("compliance", "text", "Compliance", "コンプライアンス", labels=COMPLIANCE),
        Column("risk_level", "text", "Risk", "リスクレベル", labels=RISK),
        Column("id", "text", "Object id", "オブジェクト ID"),
        Column("account_status", "text", "Account status", "アカウントの状態", labels=ACCOUNT),
        Column("user_principal_name", "text", "UPN", "ユーザープリンシパル名", personal=True),
        Column("method_count", "int", "Number of factors", "認証方法数"),
        Column("rating", "text", "Rating", "セキュリティ評価", labels=MFA_RATING),
        Column("methods_registered", "json", "All methods", "認証方法詳細"),
        Column("user_type", "text", "User type", "ユーザーの種類"),
        Column("is_admin", "bool", "Administrator", "管理者"),
        Column("is_mfa_capable", "bool", "MFA capable", "MFA利用可能"),
        Column("is_passwordless_capable", "bool", "Passwordless capable", "パスワードレス利用可能"),
        Column("is_sspr_registered", "bool", "Password reset registered", "SSPR登録済み"),
        Column("last_updated_at", "timestamp", "Source updated", "情報更新日時"),
    ),
    legacy=LegacyFile(
        en=(
            "UserName user_name, Email email, Department department, MFAStatus mfa_status, "
            "AuthenticationMethod authentication_method, FallbackMethod fallback_method, "
            "LastMFASetupDate last_mfa_setup_at, Compliance compliance, RiskLevel risk_level"
        ),
        ja=(
            "ユーザー名 user_name, メールアドレス email, 部署 department, "
            "MFAステータス mfa_status, 認証方法 authentication_method, "
            "フォールバック方法 fallback_method, 最終MFA設定日 last_mfa_setup_at, "
            "コンプライアンス compliance, リスクレベル risk_level"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("user_name",),
)
