"""How full each mailbox is and when it was last active."""

from sqlalchemy import Select, case, func, select

from shared.catalog.expressions import mebibytes, nothing, percent
from shared.catalog.labels import CAPACITY
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    mailboxes = sources.measures("mailbox_usage")
    box = mailboxes.c
    usage = percent(box.storage_used_bytes, box.prohibit_send_receive_quota_bytes)
    return (
        select(
            box.user_principal_name.label("email"),
            box.display_name,
            box.recipient_type.label("mailbox_type"),
            mebibytes(box.storage_used_bytes).label("storage_used_mb"),
            mebibytes(box.prohibit_send_receive_quota_bytes).label("storage_limit_mb"),
            usage.label("usage_rate"),
            box.item_count,
            box.last_activity_date,
            case((usage >= 95, "full"), (usage >= 80, "warning"), (usage >= 0, "normal")).label(
                "status"
            ),
            box.id,
            nothing("timestamp").label("last_logon_at"),
            nothing("text").label("largest_folder"),
            box.deleted_item_count,
            mebibytes(box.deleted_item_size_bytes).label("deleted_size_mb"),
            (box.deleted_item_count > 10_000).label("purge_recommended"),
            mebibytes(box.issue_warning_quota_bytes).label("warning_quota_mb"),
            mebibytes(box.prohibit_send_quota_bytes).label("send_quota_mb"),
            box.has_archive,
            box.created_date,
            box.report_date,
        )
        .select_from(mailboxes)
        .where(func.coalesce(box.is_deleted, False).is_(False))
    )


REPORT = Report(
    title=Text("Mailbox management", "メールボックス管理"),
    description=Text(
        "Size, quota and last activity of each mailbox on the newest report date of Microsoft.",
        "Microsoft の最新レポート日時点の各メールボックスのサイズ、制限、最終アクティビティ。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getmailboxusagedetail",
    needs=("mailbox_usage",),
    columns=(
        Column("email", "text", "Email", "メールアドレス", personal=True),
        Column("display_name", "text", "Display name", "表示名", personal=True),
        Column("mailbox_type", "text", "Mailbox type", "メールボックス種別"),
        Column("storage_used_mb", "float", "Used (MB)", "ストレージ使用量"),
        Column("storage_limit_mb", "float", "Limit (MB)", "ストレージ制限"),
        Column("usage_rate", "float", "Usage (%)", "使用率"),
        Column("item_count", "int", "Items", "アイテム数"),
        Column(
            "last_activity_date",
            "date",
            "Last activity",
            "最終アクティビティ",
            personal=True,
        ),
        Column("status", "text", "Status", "ステータス", labels=CAPACITY),
        Column("id", "text", "Id", "ID"),
        Column(
            "last_logon_at",
            "timestamp",
            "Last logon",
            "最終ログオン",
            unavailable=Text(
                "Only Exchange PowerShell knows the last logon; see the last activity.",
                "最終ログオンは Exchange PowerShell のみで取得できます。最終アクティビティを参照してください。",
            ),
        ),
        Column(
            "largest_folder",
            "text",
            "Largest folder",
            "最大フォルダー",
            unavailable=Text(
                "Microsoft Graph reports no folder sizes.",
                "フォルダーのサイズは Microsoft Graph から取得できません。",
            ),
        ),
        Column("deleted_item_count", "int", "Deleted items", "削除済み数"),
        Column("deleted_size_mb", "float", "Deleted (MB)", "削除済みサイズ (MB)"),
        Column("purge_recommended", "bool", "Purge advised", "削除済みアイテムの整理を推奨"),
        Column("warning_quota_mb", "float", "Warning quota (MB)", "警告クォータ (MB)"),
        Column("send_quota_mb", "float", "Send quota (MB)", "送信禁止クォータ (MB)"),
        Column("has_archive", "bool", "Archive", "アーカイブ"),
        Column("created_date", "date", "Created", "作成日"),
        Column("report_date", "date", "Report date", "レポート日"),
    ),
    legacy=LegacyFile(
        en=(
            "Email email, DisplayName display_name, MailboxType mailbox_type, "
            "StorageUsedMB storage_used_mb, StorageLimitMB storage_limit_mb, "
            "UsageRate usage_rate, ItemCount item_count, LastAccess last_activity_date, "
            "Status status"
        ),
        ja=(
            "メールアドレス email, 表示名 display_name, メールボックス種別 mailbox_type, "
            "ストレージ使用量 storage_used_mb, ストレージ制限 storage_limit_mb, "
            "使用率 usage_rate, ステータス status"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("email",),
)
