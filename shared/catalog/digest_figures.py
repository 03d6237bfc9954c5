"""The figures of the digest: what each is called, and what it is read from."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from shared.core.text import Text

# How far back a figure is known: `state`, since its datasets were read whole; `events`, since whatever
# the first reading asked for; `listed`, since the oldest entry of a list that has all there ever was;
# `dated`, since Microsoft's oldest day; `own`, since the first of all readings.
type Reach = Literal["state", "events", "listed", "dated", "own"]


class Figure(Struct, frozen=True):
    """One figure: its section, what it is called and read from. One `of_period` counts what happened in it."""

    section: str
    words: Text
    datasets: tuple[str, ...]
    unit: Literal["count", "percent", "gb"] = "count"
    reach: Reach = "state"
    of_period: bool = False


COUNTS = "service_user_counts"
STORED = ("mailbox_storage", "onedrive_storage", "sharepoint_storage")
SHARED = ("onedrive_activity_counts", "sharepoint_activity_counts")
ACTIVE = {
    "m365": Text("Active users of Microsoft 365 (30 days)", "Microsoft 365 アクティブユーザー数 (30 日)"),
    "exchange": Text("Active users of Exchange (30 days)", "Exchange アクティブユーザー数 (30 日)"),
    "onedrive": Text("Active users of OneDrive (30 days)", "OneDrive アクティブユーザー数 (30 日)"),
    "sharepoint": Text("Active users of SharePoint (30 days)", "SharePoint アクティブユーザー数 (30 日)"),
    "teams": Text("Active users of Teams (30 days)", "Teams アクティブユーザー数 (30 日)"),
}  # fmt: skip
# By figure: what is counted of sign-ins, and its words.
SIGN_INS: Mapping[str, tuple[str, Text]] = {
    "sign_ins_succeeded": ("success", Text("Successful sign-ins", "成功したサインイン数")),
    "sign_ins_failed": ("failure", Text("Failed sign-ins", "失敗したサインイン数")),
    "sign_ins_interrupted": ("interrupted", Text("Interrupted sign-ins", "中断したサインイン数")),
    "signed_in_people": ("people", Text("People who signed in", "サインインしたユーザー数")),
}
_MFA = Text("Enabled members with MFA registered (%)", "MFA 登録済みの有効なメンバー (%)")
_ROLES = Text("People with a directory role", "ディレクトリ ロールの保持者数")

_READ: Mapping[str, Figure] = {
    "accounts": Figure("people", Text("Accounts", "アカウント数"), ("users",)),
    "enabled_members": Figure("people", Text("Enabled members", "有効なメンバー数"), ("users",)),
    "guests": Figure("people", Text("Guests", "ゲスト数"), ("users",)),
    "new_accounts": Figure("people", Text("New accounts", "新規アカウント数"), ("users",)),
    "deleted_accounts": Figure(
        "people", Text("Deleted accounts", "削除されたアカウント数"), ("users",), of_period=True
    ),
    "mfa_registered": Figure("access", _MFA, ("users", "user_registration_details"), "percent"),
    "role_holders": Figure("access", _ROLES, ("role_assignments",)),
    **{
        name: Figure("access", words, ("sign_ins",), reach="events", of_period=True)
        for name, (_, words) in SIGN_INS.items()
    },
    "licences_bought": Figure(
        "licences", Text("Licences bought", "購入ライセンス数"), ("subscribed_skus",)
    ),
    "licences_used": Figure(
        "licences", Text("Licences in use", "使用中ライセンス数"), ("subscribed_skus",)
    ),
    "licence_use": Figure(
        "licences", Text("Licences in use (%)", "ライセンス使用率 (%)"), ("subscribed_skus",), "percent"
    ),
    **{
        f"active_{name}": Figure("services", words, (COUNTS,), reach="dated")
        for name, words in ACTIVE.items()
    },
    "service_incidents": Figure(
        "services",
        Text("Service incidents begun", "発生したサービス障害数"),
        ("service_issues",),
        reach="listed",
        of_period=True,
    ),
    "mails_sent": Figure(
        "mail_and_files",
        Text("Messages sent", "送信メール数"),
        ("email_activity_counts",),
        reach="dated",
        of_period=True,
    ),
    "mails_received": Figure(
        "mail_and_files",
        Text("Messages received", "受信メール数"),
        ("email_activity_counts",),
        reach="dated",
        of_period=True,
    ),
    "files_shared_outside": Figure(
        "mail_and_files",
        Text("Files shared outside", "外部共有したファイル数"),
        SHARED,
        reach="dated",
        of_period=True,
    ),
    "storage": Figure(
        "mail_and_files",
        Text("Storage in use (GB)", "ストレージ使用量 (GB)"),
        STORED,
        "gb",
        reach="dated",
    ),
    "risky_users": Figure("security", Text("Users at risk", "危険なユーザー数"), ("risky_users",)),
    "open_incidents": Figure(
        "security",
        Text("Open security incidents", "未解決のセキュリティ インシデント数"),
        ("security_incidents",),
    ),
    "new_incidents": Figure(
        "security",
        Text("New security incidents", "新規セキュリティ インシデント数"),
        ("security_incidents",),
        reach="events",
        of_period=True,
    ),
    "new_alerts": Figure(
        "security",
        Text("New security alerts", "新規セキュリティ アラート数"),
        ("security_alerts",),
        reach="events",
        of_period=True,
    ),
    "secure_score": Figure(
        "security",
        Text("Secure score (%)", "セキュア スコア (%)"),
        ("secure_scores",),
        "percent",
        reach="events",
    ),
}  # fmt: skip
DATASETS = tuple(dict.fromkeys(name for one in _READ.values() for name in one.datasets))
FIGURES: Mapping[str, Figure] = {
    **_READ,
    "failed_collections": Figure(
        "operation",
        Text("Own collections that failed", "失敗した収集の回数"),
        DATASETS,
        reach="own",
        of_period=True,
    ),
}
