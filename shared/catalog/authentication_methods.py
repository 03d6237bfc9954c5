"""The authentication methods that a user can register, as Microsoft names them, and what they are worth.

https://learn.microsoft.com/en-us/graph/api/resources/userregistrationdetails: the list is open, and
grew by passkeys lately
(https://learn.microsoft.com/en-us/graph/api/resources/authenticationmethod). A method that is not
in this table is shown by its code, and whether it is a second factor is unknown: what would follow
from that is null, never "none".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    all_,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy import Text as TextType
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import has, items
from shared.core.text import Text


@dataclass(frozen=True, slots=True)
class Method:
    """One method; `factor` tells whether it serves as a second factor, not only to reset a password."""

    words: Text
    factor: bool = True


# Factors strongest first: what cannot be phished, then apps, codes and phones.
METHODS: Mapping[str, Method] = {
    "passKeyDeviceBound": Method(Text("Passkey", "パスキー")),
    "passKeyDeviceBoundAuthenticator": Method(
        Text("Passkey in Authenticator", "Authenticator のパスキー")
    ),
    "passKeyDeviceBoundWindowsHello": Method(
        Text("Passkey in Windows Hello", "Windows Hello のパスキー")
    ),
    "fido2": Method(Text("FIDO2 security key", "FIDO2 セキュリティ キー")),
    "fido2SecurityKey": Method(Text("FIDO2 security key", "FIDO2 セキュリティ キー")),
    "passKeySynced": Method(Text("Synced passkey", "同期されたパスキー")),
    "windowsHelloForBusiness": Method(
        Text("Windows Hello for Business", "Windows Hello for Business")
    ),
    "macOsSecureEnclaveKey": Method(
        Text("macOS platform credential", "macOS プラットフォーム資格情報")
    ),
    "microsoftAuthenticatorPasswordless": Method(
        Text("Authenticator passwordless", "Authenticator パスワードレス")
    ),
    "microsoftAuthenticatorPush": Method(Text("Authenticator push", "Authenticator プッシュ通知")),
    "softwareOneTimePasscode": Method(Text("Authenticator app code", "認証アプリのコード")),
    "hardwareOneTimePasscode": Method(Text("Hardware token code", "ハードウェア トークンのコード")),
    "externalAuthMethod": Method(Text("External method", "外部認証方法")),
    "temporaryAccessPass": Method(Text("Temporary access pass", "一時アクセス パス")),
    "mobilePhone": Method(Text("Mobile phone", "携帯電話")),
    "alternateMobilePhone": Method(Text("Alternate mobile phone", "別の携帯電話")),
    "officePhone": Method(Text("Office phone", "会社電話")),
    "email": Method(Text("Email", "メール"), factor=False),
    "securityQuestion": Method(Text("Security questions", "セキュリティの質問"), factor=False),
}
METHOD_WORDS: Mapping[str, Text] = {name: method.words for name, method in METHODS.items()}

_KNOWN = literal(list(METHODS), ARRAY(TextType))
_FACTORS = tuple(name for name, method in METHODS.items() if method.factor)
_IS_UNKNOWN = " && ".join(f'@ != "{name}"' for name in METHODS)


def registered_method(registration: FromClause, place: int) -> ScalarSelect[str]:
    """Return the registered factor that is number `place` (from 0) in strength, unknown ones last.

    Null for whom Microsoft calls not registered: what is listed then does not serve as a factor.
    """
    method = items(registration.c.methods_registered, "$[*]").c.item
    strength = func.array_position(literal(list(_FACTORS), ARRAY(TextType)), method)
    return (
        select(method)
        .where(registration.c.is_mfa_registered.is_not(False))
        .where(or_(strength.is_not(None), method != all_(_KNOWN)))
        .group_by(method)
        .order_by(strength, method)
        .limit(1)
        .offset(place)
        .scalar_subquery()
    )


def factor_count(registration: FromClause) -> ColumnElement[int]:
    """Return the number of registered factors, null if it is unknown.

    Microsoft's flag is the authority: who is not registered has none, and who is registered without
    a factor that we know has not "none". With an unknown method among them the number is unknown.
    """
    row, known = registration.c, _known_factors(registration)
    unknown = has(row.methods_registered, f"$[*] ? ({_IS_UNKNOWN})")
    counted = and_(row.is_mfa_registered, known > 0, not_(unknown))
    return cast(case((~row.is_mfa_registered, 0), (counted, known)), BigInteger)


def has_several_factors(registration: FromClause) -> ColumnElement[bool]:
    """Tell whether at least two factors are registered, whatever else is."""
    return and_(registration.c.is_mfa_registered, _known_factors(registration) > 1)


def _known_factors(registration: FromClause) -> ColumnElement[int]:
    """One test a factor: a subquery that counts costs three times that, and a report asks often."""
    methods = registration.c.methods_registered
    return sum((cast(methods.has_key(name), Integer) for name in _FACTORS), literal(0))


def mfa_status(registration: FromClause, otherwise: ColumnElement[str]) -> ColumnElement[str]:
    """Return the code of `labels.MFA`; `otherwise` where the list of registrations says nothing."""
    registered = registration.c.is_mfa_registered
    return case((registered, "registered"), (~registered, "not_registered"), else_=otherwise)
