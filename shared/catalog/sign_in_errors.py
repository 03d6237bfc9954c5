"""Error codes of sign-ins: which of them only interrupt, and words for the frequent ones.

https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes: the list is open.
An interrupt asks the person for something more (a second factor, consent, a choice, a new password)
in the middle of a sign-in; the sign-in that goes on is an entry of its own. INTERRUPTS are the
codes that Microsoft's sign-in workbook counts as such ("pending user action"), and those whose
entry in the reference says that the person is asked for something, not refused. Any other code but
0 ended the sign-in without a token: a failure, shown by its code.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, case

from shared.core.text import Text

RESULTS: Mapping[str, Text] = {
    "success": Text("Success", "成功"),
    "interrupted": Text("Interrupted", "中断"),
    "failure": Text("Failure", "失敗"),
}

INTERRUPTS = (
    16000,  # the account is not in this tenant: another must be chosen
    16001,  # the chosen account is not available: choose again
    16003,  # the account was not added to this tenant
    50055,  # password expired: a new one is asked for
    50058,  # not signed in yet: silent sign-in is not possible
    50059,  # the tenant is not known yet
    50072,  # must register for multifactor authentication
    50074,  # second factor asked for
    50076,  # second factor asked for, by a policy or because of the place
    50078,  # the second factor has expired: asked for again
    50079,  # must register for multifactor authentication, by a policy or because of the place
    50097,  # the device must authenticate
    50125,  # password reset or registration comes first
    50127,  # a broker app must be installed
    50129,  # the device must be registered
    50140,  # "Keep me signed in?"
    50142,  # a policy asks for a new password
    50143,  # session of another tenant
    50144,  # on-premises password expired
    50158,  # an external security challenge, such as another provider's second factor
    50168,  # single sign-on of the browser comes first
    50199,  # asks whether this is the intended app
    50201,  # a message is shown
    50203,  # asks to register the authenticator app
    51006,  # integrated Windows authentication is asked for
    52004,  # asks for consent to LinkedIn
    65001,  # asks for consent
    81010,  # seamless single sign-on failed: another way is asked for
    81012,  # another user than the one at the device
    81014,  # seamless single sign-on failed: another way is asked for
)

ERRORS: Mapping[str, Text] = {
    "50053": Text(
        "Account locked, or a malicious address", "アカウントのロック、または悪意のあるアドレス"
    ),
    "50055": Text("Password expired", "パスワードの有効期限切れ"),
    "50057": Text("Account disabled", "アカウントが無効"),
    "50058": Text("Not signed in yet", "まだサインインしていない"),
    "50072": Text("MFA registration required", "MFA の登録が必要"),
    "50074": Text("Strong authentication required", "多要素認証が必要"),
    "50076": Text("MFA required by policy or place", "ポリシーまたは場所により MFA が必要"),
    "50079": Text("MFA registration required", "MFA の登録が必要"),
    "50097": Text("Device authentication required", "デバイス認証が必要"),
    "50125": Text("Password reset or registration", "パスワードのリセットまたは登録"),
    "50126": Text("Wrong user name or password", "ユーザー名またはパスワードが正しくない"),
    "50140": Text("Asked to stay signed in", "サインイン状態の維持の確認"),
    "50158": Text("External security challenge", "外部のセキュリティ チャレンジ"),
    "50199": Text("Asked to confirm the app", "アプリの確認"),
    "53000": Text("Device not compliant", "準拠していないデバイス"),
    "53003": Text("Blocked by Conditional Access", "条件付きアクセスによりブロック"),
    "530032": Text("Blocked by a security policy", "セキュリティ ポリシーによりブロック"),
    "65001": Text("Consent required", "同意が必要"),
}


def sign_in_result(error: ColumnElement[int]) -> ColumnElement[str]:
    """Return the code of `RESULTS` for an error code; null if that is unknown."""
    interrupted = error.in_(INTERRUPTS)
    return case((error == 0, "success"), (interrupted, "interrupted"), (error != 0, "failure"))
