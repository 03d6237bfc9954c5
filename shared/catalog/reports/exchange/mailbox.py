"""How full each mailbox is and when it was last active."""

from sqlalchemy import func

from shared.catalog import words
from shared.catalog.expressions import at_least, mebibytes, percent
from shared.catalog.labels import CAPACITY
from shared.catalog.table import COUNT, SUM, Table, absent, col, report_table, share
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import MAILBOX_FULL_PERCENT, MAILBOX_WARNING_PERCENT, PURGE_ITEMS
from shared.core.text import Text

_ACTIVITY = Text("Last activity", "最終アクティビティ")
_PURGE = Text("Purge advised", "削除済みアイテムの整理を推奨")
_USAGE = share("storage_used_mb", "storage_limit_mb")
_NO_LOGON = Text(
    "Only Exchange PowerShell knows the last logon; see the last activity.",
    "最終ログオンは Exchange PowerShell のみで取得できます。最終アクティビティを参照してください。",
)
_NO_SIZES = Text(
    "Microsoft Graph reports no folder sizes.",
    "フォルダーのサイズは Microsoft Graph から取得できません。",
)


@report_table
def _mailbox(s: Sources) -> Table:
    boxes = s.measures("mailbox_usage")
    box = boxes.c
    used, limit = box.storage_used_bytes, box.prohibit_send_receive_quota_bytes
    usage = percent(used, limit)
    warning, full = s.parameter(MAILBOX_WARNING_PERCENT), s.parameter(MAILBOX_FULL_PERCENT)
    status = at_least(usage, full=full, warning=warning, normal=0)
    deleted, deleted_mb = box.deleted_item_count, mebibytes(box.deleted_item_size_bytes)
    warning_mb = mebibytes(box.issue_warning_quota_bytes)
    send_mb = mebibytes(box.prohibit_send_quota_bytes)
    return Table(
        boxes,
        col("email", box.user_principal_name, words.EMAIL),
        col("display_name", box.display_name, words.DISPLAY_NAME),
        col("mailbox_type", box.recipient_type, Text("Mailbox type", "メールボックス種別")),
        col("storage_used_mb", mebibytes(used), Text("Used (MB)", "ストレージ使用量"), total=SUM),
        col("storage_limit_mb", mebibytes(limit), Text("Limit (MB)", "ストレージ制限"), total=SUM),
        col("usage_rate", usage, words.USAGE_RATE, total=_USAGE),
        col("item_count", box.item_count, Text("Items", "アイテム数"), total=SUM),
        col("last_activity_date", box.last_activity_date, _ACTIVITY),
        col("status", status, words.STATUS, labels=CAPACITY),
        col("id", box.id, words.ID),
        absent("last_logon_at", "timestamp", Text("Last logon", "最終ログオン"), _NO_LOGON),
        absent("largest_folder", "text", Text("Largest folder", "最大フォルダー"), _NO_SIZES),
        col("deleted_item_count", deleted, Text("Deleted items", "削除済み数"), total=SUM),
        col("deleted_size_mb", deleted_mb, Text("Deleted (MB)", "削除済みサイズ (MB)")),
        col("purge_recommended", deleted > s.parameter(PURGE_ITEMS), _PURGE, total=COUNT),
        col("warning_quota_mb", warning_mb, Text("Warning quota (MB)", "警告クォータ (MB)")),
        col("send_quota_mb", send_mb, Text("Send quota (MB)", "送信禁止クォータ (MB)")),
        col("has_archive", box.has_archive, Text("Archive", "アーカイブ")),
        col("created_date", box.created_date, words.CREATED),
        col("report_date", box.report_date, words.REPORT_DATE),
        where=func.coalesce(box.is_deleted, False).is_(False),
    )


REPORT = Report(
    title=Text("Mailbox management", "メールボックス管理"),
    description=Text(
        "Size, quota and last activity of each mailbox on the newest report date of Microsoft.",
        "Microsoft の最新レポート日時点の各メールボックスのサイズ、制限、最終アクティビティ。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getmailboxusagedetail",
    table=_mailbox,
    order=("email",),
    chart=Chart(kind="bar", across="display_name", up=("usage_rate",)),
    powershell=PowerShellFile(
        path="ExchangeOnlineManagement/MailboxManagement",
        en="email, display_name, mailbox_type, storage_used_mb, storage_limit_mb, usage_rate, "
        "item_count, LastAccess last_activity_date, status",
        ja="email, display_name, mailbox_type, storage_used_mb, storage_limit_mb, usage_rate, status",
    ),
)
