"""Which files and folders are shared, with whom, and how risky that is."""

from sqlalchemy import Text as TextType
from sqlalchemy import case, func

from shared.catalog import file_shares as shared
from shared.catalog import words
from shared.catalog.expressions import mebibytes
from shared.catalog.labels import RISK
from shared.catalog.share_recipients import recipients_in_short
from shared.catalog.share_words import (
    ACCESS,
    FILE_NAME,
    FILE_TYPE,
    ITEM_URL,
    LAST_ACCESS,
    LINK_SCOPE,
    LINK_STATE,
    NO_ACCESS_TIME,
    NOT_WHO,
    OWNER,
    PLACE,
    PRESETS,
    RULES,
    SHARED_SINCE,
)
from shared.catalog.table import Table, absent, col, report_table
from shared.catalog.union import union
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_EVERYBODY = ("anonymous", "organization")


@report_table
def _sharing(s: Sources) -> Table:
    return union(_rows(s, shared.of_people(s)), _rows(s, shared.of_sites(s)))


def _rows(s: Sources, shares: shared.Shares) -> Table:
    item, given = shares.item.c, shares.permission.c
    people = recipients_in_short(s, shares.permission)
    found = shared.judged(s, shares, people.c.any_outside, people)
    everybody = case((given.link_scope.in_(_EVERYBODY), given.link_scope))
    whom = func.coalesce(people.c.names, everybody, type_=TextType)
    return Table(
        found.source,
        col("file_name", item.name, FILE_NAME),
        col("owner", shares.owner, OWNER),
        col("place", shares.place, PLACE, labels=shared.PLACE),
        col("share_type", found.kind, Text("Share", "共有タイプ"), labels=shared.SHARE_TYPE, personal=False, because=NOT_WHO),
        col("shared_with", whom, Text("Shared with", "共有相手"), labels=shared.SHARE_TYPE),
        col("access_permission", found.access, ACCESS, labels=shared.PERMISSION),
        col("file_type", shared.kind_of_file(shares), FILE_TYPE, labels=shared.KIND_OF_FILE, personal=False, because="an extension names nobody"),
        col("size_mb", mebibytes(item.size), Text("Size (MB)", "ファイルサイズ")),
        col("shared_at", item.shared_at, SHARED_SINCE),
        absent("last_access_at", "timestamp", LAST_ACCESS, NO_ACCESS_TIME),
        col("risk_level", found.risk, words.RISK_LEVEL, labels=RISK, personal=False, because=NOT_WHO),
        col("link_state", found.state, LINK_STATE, labels=shared.STATE, personal=False, because=NOT_WHO),
        col("link_scope", given.link_scope, LINK_SCOPE, labels=shared.LINK_SCOPE),
        col("expires_at", given.expires_at, Text("Expires", "有効期限")),
        col("has_password", given.has_password, Text("Password", "パスワード")),
        col("item_url", item.web_url, ITEM_URL),
        col("id", given.id, words.ID),
        where=shares.where,
    )  # fmt: skip


REPORT = Report(
    title=Text("Sharing analysis", "共有分析"),
    description=Text(
        f"One row per link, grant or invitation of a file or folder in OneDrive and in SharePoint sites. {RULES.en}",
        f"OneDrive と SharePoint サイトのファイル・フォルダーのリンク・許可・招待ごとに 1 行。{RULES.ja}",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-list-permissions",
    table=_sharing,
    row_key=("id", "place"),
    order=("file_name",),
    chart=Chart(kind="bar", across="risk_level"),
    lacks=shared.LACKS,
    presets=PRESETS,
    powershell=PowerShellFile(
        path="OneDriveManagement/SharingAnalysis",
        en="file_name, owner, FileSizeMB size_mb, share_type, shared_with, access_permission, "
        "ShareDate shared_at, LastAccess last_access_at, risk_level",
        ja="file_name, owner, share_type, shared_with, access_permission, file_type, size_mb, "
        "shared_at, last_access_at",
    ),
)
