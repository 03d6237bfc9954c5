"""Who signed in where, with what result."""

from sqlalchemy import Select, case, func, select
from sqlalchemy import Text as TextType

from shared.catalog.expressions import has, joined
from shared.catalog.labels import RISK
from shared.catalog.sign_in_errors import ERRORS, INTERRUPTS
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text

_MFA = '.enforcedGrantControls[*] ? (@ like_regex "^mfa$" flag "i")'
_MFA_PASSED = f'$[*] ? (@.result == "success"){_MFA}'
_MFA_FAILED = f'$[*] ? (@.result == "failure"){_MFA}'


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    sign_ins = sources.events("sign_ins")
    row = sign_ins.c
    return select(
        row.created_at.label("signed_in_at"),
        row.user_display_name.label("user_name"),
        row.app_display_name.label("application"),
        row.ip_address,
        joined(row.city, row.state, row.country).label("location"),
        joined(row.device_name, row.operating_system, row.browser).label("device_information"),
        case(
            (row.error_code == 0, "success"),
            (row.error_code.in_(INTERRUPTS), "interrupted"),
            (row.error_code != 0, "failure"),
        ).label("result"),
        row.risk_level_during_sign_in.label("risk_level"),
        case(
            (has(row.applied_policies, _MFA_FAILED), "failed"),
            (has(row.applied_policies, _MFA_PASSED), "passed"),
        ).label("mfa"),
        row.id,
        row.user_principal_name,
        row.user_id,
        row.conditional_access_status,
        func.nullif(row.error_code, 0).cast(TextType).label("error"),
        func.nullif(row.failure_reason, "Other.").label("failure_reason"),
        row.client_app_used,
        row.resource_display_name.label("resource"),
        row.is_interactive,
        row.is_compliant.label("device_compliant"),
        row.is_managed.label("device_managed"),
    ).select_from(sign_ins)


REPORT = Report(
    title=Text("Sign-in logs", "サインインログ"),
    description=Text(
        "Interactive sign-ins of the users, newest first, with place, device, result and risk. "
        "Sign-ins of applications, and those that a client makes for a user, are not contained.",
        "ユーザーの対話型サインインを新しい順に、場所、デバイス、結果、リスクとともに示します。"
        "アプリケーションのサインインと、クライアントがユーザーに代わって行うサインインは含みません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/signin",
    needs=("sign_ins",),
    columns=(
        Column("signed_in_at", "timestamp", "Signed in", "サインイン日時"),
        Column("user_name", "text", "User name", "ユーザー名", personal=True),
        Column("application", "text", "Application", "アプリケーション"),
        Column("ip_address", "text", "IP address", "IPアドレス", personal=True),
        Column("location", "text", "Location", "ロケーション", personal=True),
        Column(
            "device_information",
            "text",
            "Device",
            "デバイス情報",
            personal=True,
        ),
        Column(
            "result",
            "text",
            "Result",
            "サインイン結果",
            labels={
                "success": Text("Success", "成功"),
                "interrupted": Text("Interrupted", "中断"),
                "failure": Text("Failure", "失敗"),
            },
        ),
        Column("risk_level", "text", "Risk", "リスクレベル", labels=RISK),
        # v1.0 has no authenticationRequirement: said only where a policy demanded MFA.
        Column(
            "mfa",
            "text",
            "MFA by Conditional Access",
            "MFA詳細",
            labels={
                "passed": Text("MFA passed", "MFA 成功"),
                "failed": Text("MFA failed", "MFA 失敗"),
            },
        ),
        Column("id", "text", "Sign-in id", "サインイン ID"),
        Column("user_principal_name", "text", "UPN", "ユーザープリンシパル名", personal=True),
        Column("user_id", "text", "User id", "ユーザー ID"),
        Column(
            "conditional_access_status",
            "text",
            "Conditional Access",
            "条件付きアクセス",
            labels={
                "success": Text("Success", "成功"),
                "failure": Text("Failure", "失敗"),
                "notApplied": Text("Not applied", "適用なし"),
            },
        ),
        Column("error", "text", "Error code", "エラーコード", labels=ERRORS),
        Column("failure_reason", "text", "Failure reason", "失敗の理由"),
        Column("client_app_used", "text", "Client app", "クライアント アプリ"),
        Column("resource", "text", "Resource", "リソース"),
        Column("is_interactive", "bool", "Interactive", "対話型"),
        Column("device_compliant", "bool", "Device compliant", "準拠デバイス"),
        Column("device_managed", "bool", "Device managed", "管理デバイス"),
    ),
    legacy=LegacyFile(
        en=(
            "SignInDateTime signed_in_at, UserName user_name, Application application, "
            "IPAddress ip_address, Location location, DeviceInformation device_information, "
            "SignInResult result, RiskLevel risk_level, MFADetails mfa"
        ),
        ja=(
            "サインイン日時 signed_in_at, ユーザー名 user_name, アプリケーション application, "
            "IPアドレス ip_address, ロケーション location, デバイス情報 device_information, "
            "サインイン結果 result, リスクレベル risk_level, MFA詳細 mfa"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("-signed_in_at",),
)
