"""What cannot be synced, as far as the cloud shows it, and the errors of the sync app that were imported."""

from sqlalchemy import Text as TextType
from sqlalchemy import case, literal

from shared.catalog import share_words, words
from shared.catalog import sync_rules as rules
from shared.catalog import sync_words as told
from shared.catalog.drive_owners import person_behind, site_behind
from shared.catalog.file_shares import PLACE
from shared.catalog.labels import PRIORITY
from shared.catalog.table import SUM, Table, absent, col, report_table
from shared.catalog.union import union
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.text import Text

_AFFECTED = Text("Affected files", "影響ファイル数")


@report_table
def _syncerror(s: Sources) -> Table:
    items, files = s.entity("drive_items"), s.entity("site_drive_items")
    drives, libraries = s.entity("user_drives"), s.entity("site_drives")
    return union(
        _rows("onedrive", rules.of_items(s, items, person_behind(s, items.c.parent_id))),
        _rows("site", rules.of_items(s, files, site_behind(s, files.c.parent_id))),
        _rows("onedrive", rules.of_drives(drives, person_behind(s, drives.c.id))),
        _rows("site", rules.of_drives(libraries, site_behind(s, libraries.c.id))),
        _rows("onedrive", rules.of_large(s.measures("onedrive_usage"))),
        _rows("site", rules.of_large(s.measures("sharepoint_site_usage"))),
        _rows("onedrive", rules.of_import(s), source="import"),
    )


def _rows(place: str, found: rules.Finding, source: str = "proxy") -> Table:
    reported = found.error == "reported"
    severity = case((found.error == "quota", "high"), (~reported, "medium"))
    return Table(
        found.source,
        col("user_name", found.owner, words.USER_NAME),
        col("file_name", found.file, share_words.FILE_NAME),
        col("error_type", found.error, Text("Error", "エラー種別"), labels=told.ERROR, personal=False, because="a rule names nobody"),
        absent("error_code", "text", Text("Error code", "エラーコード"), told.NO_CODE),
        col("error_message", found.message, Text("Message", "エラーメッセージ"), labels=told.MESSAGE, personal=False, because="an error names nobody"),
        col("severity", severity, Text("Severity", "エラー重要度"), labels=PRIORITY, personal=False, because="a rule names nobody"),
        col("occurred_at", found.since, Text("Last change", "発生日時")),
        col("affected_files_count", found.affected, _AFFECTED, total=SUM),
        col("status", literal("open", TextType()), Text("Status", "解決状況"), labels=told.STATUS),
        absent("resolved_at", "timestamp", Text("Resolved", "解決日時"), told.NO_END),
        col("recommended_action", case((~reported, found.error)), Text("Recommended action", "対処方法"), labels=told.ADVICE, personal=False, because="a rule names nobody"),
        # Known of a list as a whole: who asks for one source reads nothing of the other.
        col("source", literal(source, TextType()), Text("Source", "情報源"), labels=told.SOURCE),
        col("place", literal(place, TextType()), share_words.PLACE, labels=PLACE),
        col("device_name", found.device, Text("Device", "デバイス")),
        col("item_url", found.url, share_words.ITEM_URL),
        col("id", found.id, words.ID),
        where=found.where,
    )  # fmt: skip


REPORT = Report(
    title=Text("Sync-error analysis", "同期エラー分析"),
    description=told.ABOUT,
    docs="https://learn.microsoft.com/en-us/graph/api/resources/sharepointsettings",
    table=_syncerror,
    row_key=("id", "place", "error_type"),
    order=("file_name",),
    chart=Chart(kind="bar", across="error_type"),
    lacks=told.LACKS,
    presets={
        "imported": Preset(
            words=Text("Errors of the sync app", "同期アプリのエラー"),
            asked={"filter": "source eq 'import'"},
        ),
        "storage": Preset(
            words=Text("Full or nearly full", "容量不足・残りわずか"),
            # A drive is no file: without that the names of all files would be looked at.
            asked={"filter": "error_type eq 'quota' and file_name eq null"},
        ),
    },
    powershell=PowerShellFile(
        path="OneDriveManagement/SyncErrorAnalysis",
        en="OccurrenceDate occurred_at, user_name, FilePath file_name, error_type, error_code, error_message, "
        "affected_files_count, status, RecommendedResolutionDate resolved_at",
        ja="user_name, file_name, error_type, error_message, severity, occurred_at, status, resolved_at, "
        "recommended_action",
    ),
)
