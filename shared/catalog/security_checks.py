"""The checks of the security report: what each is called, how grave it is to fail it, what helps.

`shared.catalog.security_figures` counts what each of them is judged by.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from shared.core.text import Text


class Check(NamedTuple):
    """One check; `sources` are the datasets that it is judged by."""

    title: Text
    weight: Literal["high", "medium", "low"]
    sources: tuple[str, ...]
    advice: Text


_ROLES = ("role_assignments", "role_eligibilities", "users", "user_registration_details")

CHECKS: Mapping[str, Check] = {
    "mfa_members": Check(
        Text("Members with a second factor", "多要素認証を登録したメンバー"), "high",
        ("users", "user_registration_details"),
        Text("Have every member register a second factor.", "すべてのメンバーに多要素認証を登録させてください。"),
    ),
    "mfa_admins": Check(
        Text("Role holders with a second factor", "多要素認証を登録した管理者"), "high", _ROLES,
        Text("Demand a second factor of whoever holds a role.", "ロールの保有者に多要素認証を必須にしてください。"),
    ),
    "global_admins": Check(
        Text("Few Global Administrators", "グローバル管理者の人数"), "high", _ROLES,
        Text("Give lesser roles to some of them.", "一部の管理者をより権限の小さいロールに変更してください。"),
    ),
    "legacy_authentication": Check(
        Text("Legacy authentication is blocked", "レガシ認証のブロック"), "high",
        ("conditional_access_policies",),
        Text("Block legacy authentication for everybody by Conditional Access.",
             "条件付きアクセスで全ユーザーのレガシ認証をブロックしてください。"),
    ),
    "mfa_policy": Check(
        Text("A policy demands a second factor of everybody", "全ユーザーへの多要素認証の要求"), "high",
        ("conditional_access_policies",),
        Text("Demand a second factor of everybody by Conditional Access.",
             "条件付きアクセスで全ユーザーに多要素認証を要求してください。"),
    ),
    "risky_users": Check(
        Text("Risks of users are settled", "ユーザーのリスクへの対応"), "high", ("risky_users",),
        Text("Reset the passwords of those at risk, or dismiss the risk.",
             "リスクのあるユーザーのパスワードをリセットするか、リスクを無視してください。"),
    ),
    "high_alerts": Check(
        Text("High alerts are resolved in time", "重要度の高いアラートの対応時間"), "high",
        ("security_alerts",),
        Text("Look at alerts every day.", "アラートを毎日確認してください。"),
    ),
    "device_compliance": Check(
        Text("Devices are compliant", "デバイスの準拠"), "medium", ("managed_devices",),
        Text("Bring the devices that are not compliant up to date.",
             "準拠していないデバイスを更新してください。"),
    ),
    "device_encryption": Check(
        Text("Devices are encrypted", "デバイスの暗号化"), "medium", ("managed_devices",),
        Text("Encrypt the devices.", "デバイスを暗号化してください。"),
    ),
    "invitations": Check(
        Text("Not everybody may invite guests", "ゲスト招待の制限"), "medium",
        ("authorization_policy",),
        Text("Let only members or administrators invite guests.",
             "ゲストを招待できるのをメンバーまたは管理者に限定してください。"),
    ),
    "user_consent": Check(
        Text("Consent of users to apps is limited", "ユーザーによるアプリ同意の制限"), "medium",
        ("authorization_policy",),
        Text("Let users consent only to apps of low impact, or to none.",
             "ユーザーの同意を影響の小さいアプリに限定するか、無効にしてください。"),
    ),
    "password_age": Check(
        Text("Passwords of members were changed lately", "メンバーのパスワード経過日数"), "low",
        ("users",),
        Text("Look whether the accounts are still needed.", "アカウントがまだ必要か確認してください。"),
    ),
    "member_sign_ins": Check(
        Text("Members signed in lately", "メンバーの最近のサインイン"), "low",
        ("users", "sign_in_activity"),
        Text("Disable the accounts of members that nobody uses.",
             "使用されていないメンバーのアカウントを無効にしてください。"),
    ),
    "guest_sign_ins": Check(
        Text("Guests signed in lately", "ゲストの最近のサインイン"), "medium",
        ("users", "sign_in_activity"),
        Text("Remove guests who come no more.", "使用されていないゲストを削除してください。"),
    ),
}  # fmt: skip
