"""Who signed in where, with what result."""

from sqlalchemy import Text as TextType
from sqlalchemy import case, func

from shared.catalog import words
from shared.catalog.expressions import has, joined
from shared.catalog.labels import RISK
from shared.catalog.sign_in_errors import ERRORS, RESULTS, sign_in_result
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text

_MFA = '.enforcedGrantControls[*] ? (@ like_regex "^mfa$" flag "i")'
_MFA_PASSED = f'$[*] ? (@.result == "success"){_MFA}'
_MFA_FAILED = f'$[*] ? (@.result == "failure"){_MFA}'

_ACCESS = {
    "success": RESULTS["success"],
    "failure": RESULTS["failure"],
    "notApplied": Text("Not applied", "適用なし"),
}
_SECOND = {"passed": Text("MFA passed", "MFA 成功"), "failed": Text("MFA failed", "MFA 失敗")}
_BY_POLICY = Text("Conditional Access", "条件付きアクセス")


@report_table
def _signin(s: Sources) -> Table:
    sign_ins = s.events("sign_ins", within=PERIOD)
    row = sign_ins.c
    error, failed = row.error_code, has(row.applied_policies, _MFA_FAILED)
    # v1.0 has no authenticationRequirement: said only where a policy demanded MFA.
    mfa = case((failed, "failed"), (has(row.applied_policies, _MFA_PASSED), "passed"))
    place = joined(row.city, row.state, row.country)
    device = joined(row.device_name, row.operating_system, row.browser)
    code, by_policy = func.nullif(error, 0).cast(TextType), row.conditional_access_status
    reason = func.nullif(row.failure_reason, "Other.", type_=TextType)
    return Table(
        sign_ins,
        col("signed_in_at", row.created_at, Text("Signed in", "サインイン日時")),
        col("user_name", row.user_display_name, words.USER_NAME),
        col("application", row.app_display_name, Text("Application", "アプリケーション")),
        col("ip_address", row.ip_address, Text("IP address", "IPアドレス")),
        col("location", place, Text("Location", "ロケーション")),
        col("device_information", device, Text("Device", "デバイス情報")),
        col("result", sign_in_result(error), Text("Result", "サインイン結果"), labels=RESULTS),
        col("risk_level", row.risk_level_during_sign_in, words.RISK_LEVEL, labels=RISK),
        col("mfa", mfa, Text("MFA by Conditional Access", "MFA詳細"), labels=_SECOND),
        col("id", row.id, Text("Sign-in id", "サインイン ID")),
        col("user_principal_name", row.user_principal_name, words.UPN),
        col("user_id", row.user_id, words.USER_ID),
        col("conditional_access_status", by_policy, _BY_POLICY, labels=_ACCESS),
        col("error", code, Text("Error code", "エラーコード"), labels=ERRORS),
        col("failure_reason", reason, Text("Failure reason", "失敗の理由")),
        col("client_app_used", row.client_app_used, Text("Client app", "クライアント アプリ")),
        col("resource", row.resource_display_name, Text("Resource", "リソース")),
        col("is_interactive", row.is_interactive, Text("Interactive", "対話型")),
        col("device_compliant", row.is_compliant, Text("Device compliant", "準拠デバイス")),
        col("device_managed", row.is_managed, Text("Device managed", "管理デバイス")),
    )


REPORT = Report(
    title=Text("Sign-in logs", "サインインログ"),
    description=Text(
        "Interactive sign-ins of the users, newest first, with place, device, result and risk. "
        "Sign-ins of applications, and those that a client makes for a user, are not contained.",
        "ユーザーの対話型サインインを新しい順に、場所、デバイス、結果、リスクとともに示します。"
        "アプリケーションのサインインと、クライアントがユーザーに代わって行うサインインは含みません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/signin",
    table=_signin,
    order=("-signed_in_at",),
    chart=Chart(kind="bar", across="result"),
    powershell=PowerShellFile(
        path="EntraIDManagement/SignInLogs",
        en="SignInDateTime signed_in_at, user_name, application, ip_address, location, "
        "device_information, SignInResult result, risk_level, MFADetails mfa",
        ja="signed_in_at, user_name, application, ip_address, location, device_information, "
        "result, risk_level, mfa",
    ),
)
