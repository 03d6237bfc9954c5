"""How full each OneDrive is, and whose it is."""

from sqlalchemy import ColumnElement, FromClause, func, select, true
from sqlalchemy import Text as TextType
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog import words
from shared.catalog.expressions import at_least, counted, gibibytes, items, percent
from shared.catalog.labels import CAPACITY
from shared.catalog.table import SUM, Table, absent, col, report_table, share
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import DRIVE_ATTENTION_PERCENT, DRIVE_FULL_PERCENT
from shared.core.text import Text

_ALLOCATED = Text("Allocated (GB)", "割り当て容量")
_USAGE = share("storage_used_gb", "storage_allocated_gb")
_ACTIVE = Text("Active files", "アクティブ ファイル数")
_NO_FOLDERS = Text(
    "Microsoft Graph counts no folders without reading the whole drive.",
    "フォルダー数はドライブ全体を走査しない限り取得できません。",
)


@report_table
def _storage(s: Sources) -> Table:
    drives = s.measures("onedrive_usage")
    drive, owners = drives.c, _owners(s, drives)
    user = owners.c
    used, allocated = drive.storage_used_bytes, drive.storage_allocated_bytes
    left, usage = counted(allocated) - counted(used), percent(used, allocated)
    attention, full = s.parameter(DRIVE_ATTENTION_PERCENT), s.parameter(DRIVE_FULL_PERCENT)
    status = at_least(usage, full=full, attention=attention, normal=0)
    licences = _licences(s, user.assigned_licenses)
    return Table(
        drives.outerjoin(owners, true()),
        col("user_name", drive.owner_display_name, Text("Owner", "ユーザー名")),
        col("email", drive.owner_principal_name, words.EMAIL),
        col("department", user.department, words.DEPARTMENT),
        col("licenses", licences, Text("Licences", "ライセンス")),
        col("storage_used_gb", gibibytes(used), Text("Used (GB)", "使用容量"), total=SUM),
        col("storage_allocated_gb", gibibytes(allocated), _ALLOCATED, total=SUM),
        col("usage_rate", usage, words.USAGE_RATE, total=_USAGE),
        col("storage_left_gb", gibibytes(left), Text("Left (GB)", "残り容量"), total=SUM),
        col("file_count", drive.file_count, Text("Files", "ファイル数"), total=SUM),
        col("last_activity_date", drive.last_activity_date, Text("Last activity", "最終更新日")),
        col("status", status, Text("Status", "使用量ステータス"), labels=CAPACITY),
        col("id", drive.id, words.ID),
        col("site_url", drive.site_url, Text("Site", "サイト URL")),
        col("active_file_count", drive.active_file_count, _ACTIVE),
        absent("folder_count", "int", Text("Folders", "フォルダー数"), _NO_FOLDERS),
        col("report_date", drive.report_date, words.REPORT_DATE),
        where=func.coalesce(drive.is_deleted, False).is_(False),
    )


def _owners(s: Sources, drives: FromClause) -> FromClause:
    """The account of each drive's owner, whom the report names by user principal name only.

    One, the first by its index, so that no drive is there twice: while a name passes from one
    account to another, both may have it.
    """
    user = s.entity("users").c
    same = user.user_principal_name_folded == drives.c.owner_principal_name_folded
    account = select(user.department, user.assigned_licenses).where(same)
    return account.order_by(user.id).limit(1).lateral()


def _licences(sources: Sources, assigned: ColumnElement[object]) -> ScalarSelect[str]:
    """Part numbers of the owner's licences; the id where the tenant's licence is not known."""
    sku = sources.entity("subscribed_skus").c
    # Read once, not for each drive.
    skus = (
        select(sku.sku_id, sku.sku_part_number)
        .cte()
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    sku_id = items(assigned, "$[*].skuId").c.item
    name = func.coalesce(skus.c.sku_part_number, sku_id)
    named = sku_id.table.outerjoin(skus, skus.c.sku_id == sku_id)
    return select(func.string_agg(name, ", ", type_=TextType)).select_from(named).scalar_subquery()


REPORT = Report(
    title=Text("OneDrive storage analysis", "ストレージ分析"),
    description=Text(
        "Used and allocated storage of each OneDrive on the newest report date of Microsoft.",
        "Microsoft の最新レポート日時点の各 OneDrive の使用容量と割り当て容量。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getonedriveusageaccountdetail",
    table=_storage,
    order=("user_name",),
    chart=Chart(kind="bar", across="user_name", up=("usage_rate",)),
    powershell=PowerShellFile(
        path="OneDriveManagement/StorageAnalysis",
        en="user_name, email, department, UsedStorageGB storage_used_gb, "
        "AllocatedStorageGB storage_allocated_gb, usage_rate, file_count, LastAccess last_activity_date, status",
        ja="user_name, department, licenses, storage_allocated_gb, storage_used_gb, usage_rate, "
        "storage_left_gb, status, last_activity_date",
    ),
)
