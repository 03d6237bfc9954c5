"""How full each OneDrive is, and whose it is."""

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import counted, gibibytes, items, nothing, percent
from shared.catalog.labels import CAPACITY
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    drives, users = sources.measures("onedrive_usage"), sources.entity("users")
    drive, user = drives.c, users.c
    usage = percent(drive.storage_used_bytes, drive.storage_allocated_bytes)
    left = counted(drive.storage_allocated_bytes) - counted(drive.storage_used_bytes)
    return (
        select(
            drive.owner_display_name.label("user_name"),
            drive.owner_principal_name.label("email"),
            user.department,
            _licences(sources, user.assigned_licenses).label("licenses"),
            gibibytes(drive.storage_used_bytes).label("storage_used_gb"),
            gibibytes(drive.storage_allocated_bytes).label("storage_allocated_gb"),
            usage.label("usage_rate"),
            gibibytes(left).label("storage_left_gb"),
            drive.file_count,
            drive.last_activity_date,
            case((usage >= 90, "full"), (usage >= 75, "attention"), (usage >= 0, "normal")).label(
                "status"
            ),
            drive.id,
            drive.site_url,
            drive.active_file_count,
            nothing("int").label("folder_count"),
            drive.report_date,
        )
        # The report names its owner by user principal name only; it has no object id.
        .select_from(
            drives.outerjoin(
                users, user.user_principal_name_folded == drive.owner_principal_name_folded
            )
        )
        .where(func.coalesce(drive.is_deleted, False).is_(False))
    )


def _licences(sources: Sources, assigned: ColumnElement[object]) -> ScalarSelect[str]:
    """Part numbers of the owner's licences; the id where the tenant's licence is not known."""
    skus = sources.entity("subscribed_skus")
    sku_id = items(assigned, "$[*].skuId").c.item
    name = func.coalesce(skus.c.sku_part_number, sku_id)
    named = sku_id.table.outerjoin(skus, skus.c.sku_id == sku_id)
    return select(func.string_agg(name, ", ")).select_from(named).scalar_subquery()


REPORT = Report(
    title=Text("OneDrive storage analysis", "ストレージ分析"),
    description=Text(
        "Used and allocated storage of each OneDrive on the newest report date of Microsoft.",
        "Microsoft の最新レポート日時点の各 OneDrive の使用容量と割り当て容量。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getonedriveusageaccountdetail",
    needs=("onedrive_usage", "users", "subscribed_skus"),
    columns=(
        Column("user_name", "text", "Owner", "ユーザー名", personal=True),
        Column("email", "text", "Email", "メールアドレス", personal=True),
        Column("department", "text", "Department", "部署"),
        Column("licenses", "text", "Licences", "ライセンス"),
        Column("storage_used_gb", "float", "Used (GB)", "使用容量"),
        Column("storage_allocated_gb", "float", "Allocated (GB)", "割り当て容量"),
        Column("usage_rate", "float", "Usage (%)", "使用率"),
        Column("storage_left_gb", "float", "Left (GB)", "残り容量"),
        Column("file_count", "int", "Files", "ファイル数"),
        Column(
            "last_activity_date",
            "date",
            "Last activity",
            "最終更新日",
            personal=True,
        ),
        Column("status", "text", "Status", "使用量ステータス", labels=CAPACITY),
        Column("id", "text", "Id", "ID"),
        Column("site_url", "text", "Site", "サイト URL", personal=True),
        Column("active_file_count", "int", "Active files", "アクティブ ファイル数"),
        Column(
            "folder_count",
            "int",
            "Folders",
            "フォルダー数",
            unavailable=Text(
                "Microsoft Graph counts no folders without reading the whole drive.",
                "フォルダー数はドライブ全体を走査しない限り取得できません。",
            ),
        ),
        Column("report_date", "date", "Report date", "レポート日"),
    ),
    legacy=LegacyFile(
        en=(
            "UserName user_name, Email email, Department department, "
            "UsedStorageGB storage_used_gb, AllocatedStorageGB storage_allocated_gb, "
            "UsageRate usage_rate, FileCount file_count, LastAccess last_activity_date, "
            "Status status"
        ),
        ja=(
            "ユーザー名 user_name, 部署 department, ライセンス licenses, "
            "割り当て容量 storage_allocated_gb, 使用容量 storage_used_gb, 使用率 usage_rate, "
            "残り容量 storage_left_gb, 使用量ステータス status, 最終更新日 last_activity_date"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("user_name",),
)
