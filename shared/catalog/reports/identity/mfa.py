"""Who has registered which second factor, and who has none."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy import Text as TextType
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import items, nothing
from shared.catalog.labels import COMPLIANCE, METHODS, MFA, MFA_RATING, RISK
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text

# What only resets a password (email, questions) is no second factor. Strongest first.
# https://learn.microsoft.com/en-us/graph/api/resources/userregistrationdetails
_FACTORS = (
    "passKeyDeviceBound",
    "passKeyDeviceBoundAuthenticator",
    "passKeyDeviceBoundWindowsHello",
    "fido2",
    "fido2SecurityKey",
    "windowsHelloForBusiness",
    "macOsSecureEnclaveKey",
    "microsoftAuthenticatorPasswordless",
    "microsoftAuthenticatorPush",
    "softwareOneTimePasscode",
    "hardwareOneTimePasscode",
    "temporaryAccessPass",
    "mobilePhone",
    "alternateMobilePhone",
    "officePhone",
)


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    registration, users = sources.entity("user_registration_details"), sources.entity("users")
    row, user = registration.c, users.c
    count = _factor_count(registration)
    registered = row.is_mfa_registered
    return select(
        row.display_name.label("user_name"),
        func.coalesce(user.mail, row.user_principal_name).label("email"),
        user.department,
        case((registered, "registered"), (~registered, "not_registered")).label("mfa_status"),
        _factor(registration, 0).label("authentication_method"),
        _factor(registration, 1).label("fallback_method"),
        nothing("timestamp").label("last_mfa_setup_at"),
        case((registered, "compliant"), (~registered, "non_compliant")).label("compliance"),
        case((count == 0, "high"), (count == 1, "medium"), (count > 1, "low")).label("risk_level"),
        row.id,
        row.user_principal_name,
        count.label("method_count"),
        case((count == 0, "dangerous"), (count == 1, "good"), (count > 1, "excellent")).label(
            "rating"
        ),
        row.methods_registered,
        row.user_type,
        row.is_admin,
        row.is_mfa_capable,
        row.is_passwordless_capable,
        row.is_sspr_registered,
        row.last_updated_at,
    ).select_from(registration.outerjoin(users, user.id == row.id))


def _factor(registration: FromClause, place: int) -> ScalarSelect[str]:
    """The registered factor that is number `place` (from 0) in strength."""
    method = items(registration.c.methods_registered, "$[*]").c.item
    strength = func.array_position(literal(list(_FACTORS), ARRAY(TextType)), method)
    return (
        select(method)
        .where(strength.is_not(None))
        .order_by(strength)
        .limit(1)
        .offset(place)
        .scalar_subquery()
    )


def _factor_count(registration: FromClause) -> ColumnElement[int]:
    wanted = " || ".join(f'@ == "{factor}"' for factor in _FACTORS)
    factors = func.jsonb_path_query_array(
        registration.c.methods_registered, literal_column(f"'$[*] ? ({wanted})'")
    )
    return cast(func.jsonb_array_length(factors), BigInteger)


REPORT = Report(
    title=Text("MFA status", "MFA状況"),
    description=Text(
        "Registered authentication methods of each user, strongest first, and the risk that follows.",
        "ユーザーごとの登録済み認証方法 (強い順) と、そこから判断したリスク。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/userregistrationdetails",
    needs=("user_registration_details", "users"),
    columns=(
        Column("user_name", "text", "User name", "ユーザー名", personal=True),
        Column("email", "text", "Email", "メールアドレス", personal=True),
        Column("department", "text", "Department", "部署"),
        Column("mfa_status", "text", "MFA status", "MFAステータス", labels=MFA),
        Column("authentication_method", "text", "Strongest method", "認証方法", labels=METHODS),
        Column("fallback_method", "text", "Fallback method", "フォールバック方法", labels=METHODS),
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
