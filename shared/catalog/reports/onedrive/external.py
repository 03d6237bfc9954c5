"""What is shared with people outside and with anyone, file by file and recipient by recipient."""

from sqlalchemy import Text as TextType
from sqlalchemy import cast, func

from shared.catalog import file_shares as shared
from shared.catalog import words
from shared.catalog.labels import RISK
from shared.catalog.share_recipients import recipients
from shared.catalog.share_words import (
    ACCESS,
    FILE_NAME,
    ITEM_URL,
    LAST_ACCESS,
    LINK_SCOPE,
    LINK_STATE,
    NO_ACCESS_TIME,
    NO_DOWNLOADS,
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


@report_table
def _external(s: Sources) -> Table:
    return union(_rows(s, shared.of_people(s)), _rows(s, shared.of_sites(s)))


def _rows(s: Sources, shares: shared.Shares) -> Table:
    item, given = shares.item.c, shares.permission.c
    people = recipients(s, shares.permission)
    whom = people.c
    found = shared.judged(s, shares, whom.is_outside, people)
    domain = func.lower(func.substring(whom.address, "@([^@]+)$"), type_=TextType)
    own = given.id.concat("/").concat(cast(whom.number, TextType))
    # What is for everybody within is no recipient's: it is passed over without a look at whose.
    outwards = given.link_scope.is_distinct_from("organization") & whom.is_outside
    return Table(
        found.source,
        col("file_name", item.name, FILE_NAME),
        col("owner", shares.owner, OWNER),
        col("place", shares.place, PLACE, labels=shared.PLACE),
        col("share_type", found.kind, Text("Share", "共有タイプ"), labels=shared.SHARE_TYPE, personal=False, because=NOT_WHO),
        col("external_domain", domain, Text("External domain", "外部ドメイン"), personal=False, because="an organization's domain names nobody"),
        col("shared_email", whom.address, Text("Shared with", "共有相手メール")),
        col("access_permission", found.access, ACCESS, labels=shared.PERMISSION),
        col("share_url", given.link_web_url, Text("Link", "共有URL")),
        col("share_started_at", item.shared_at, SHARED_SINCE),
        absent("last_access_at", "timestamp", LAST_ACCESS, NO_ACCESS_TIME),
        col("risk_level", found.risk, words.RISK_LEVEL, labels=RISK, personal=False, because=NOT_WHO),
        col("link_state", found.state, LINK_STATE, labels=shared.STATE, personal=False, because=NOT_WHO),
        col("link_scope", given.link_scope, LINK_SCOPE, labels=shared.LINK_SCOPE),
        col("expires_at", given.expires_at, Text("Expires", "有効期限")),
        col("has_password", given.has_password, Text("Password", "パスワード")),
        absent("download_count", "int", Text("Downloads", "ダウンロード数"), NO_DOWNLOADS),
        col("item_url", item.web_url, ITEM_URL),
        col("id", own, words.ID),
        where=shares.where & outwards,
    )  # fmt: skip


REPORT = Report(
    title=Text("External-sharing analysis", "外部共有分析"),
    description=Text(
        "One row per share and recipient outside, and one per link that opens for anyone, in OneDrive and in "
        f"SharePoint sites. Microsoft tells a link's address only to who may create it. {RULES.en}",
        "OneDrive と SharePoint サイトの、外部の相手への共有ごと、および誰でも開けるリンクごとに 1 行。"
        f"リンクの URL は作成権限を持つ呼び出し元にのみ開示されます。{RULES.ja}",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-list-permissions",
    table=_external,
    row_key=("id", "place"),
    order=("file_name",),
    chart=Chart(kind="bar", across="risk_level"),
    lacks=shared.LACKS,
    presets=PRESETS,
    powershell=PowerShellFile(
        path="OneDriveManagement/ExternalSharingAnalysis",
        en="file_name, owner, external_domain, shared_email, access_permission, ShareURL share_url, "
        "ShareStartDate share_started_at, LastAccess last_access_at, risk_level",
        ja="file_name, owner, external_domain, shared_email, access_permission, share_url, "
        "share_started_at, last_access_at, risk_level",
    ),
)
