"""Who shares how much, with whom at large, and whose shares are risky taken together."""

from sqlalchemy import ColumnElement

from shared.catalog import file_shares, words
from shared.catalog import share_owners as owners
from shared.catalog.labels import RISK
from shared.catalog.share_words import OWNER, PLACE
from shared.catalog.table import SUM, Col, Table, absent, col, report_table
from shared.catalog.union import union
from shared.core.report import Chart, Report, Sources
from shared.core.text import Text

_NO_NAME = "a number of shares names nobody"
_NO_UPN = Text(
    "A site has no user principal name.", "サイトにはユーザープリンシパル名がありません。"
)


@report_table
def _sharing_owners(s: Sources) -> Table:
    people, sites = owners.people(s), owners.sites(s)
    upn = people.owner.c.user_principal_name
    return union(
        _rows(s, people, col("user_principal_name", upn, words.UPN)),
        _rows(s, sites, absent("user_principal_name", "text", words.UPN, _NO_UPN)),
    )


def _rows(s: Sources, found: owners.Owners, upn: Col) -> Table:
    owner, share = found.owner.c, found.shares.c
    why = owners.reason(s, found.shares)
    return Table(
        found.source,
        col("owner", owner.display_name, OWNER),
        upn,
        col("place", found.place, PLACE, labels=file_shares.PLACE),
        col("drive_count", found.drive_count, Text("Drives", "ドライブ数"), total=SUM),
        _count("share_count", share.share_count, Text("Shares", "共有数")),
        _count("anonymous_count", share.anonymous, Text("Links for anyone", "匿名リンク数")),
        _count("external_count", share.external, Text("External shares", "外部共有数")),
        _count("organization_count", share.organization, Text("Links for the organization", "組織内リンク数")),
        _count("high_risk_count", share.high, Text("Shares of high risk", "リスクの高い共有数")),
        _count("large_count", share.large, Text("Large files and folders", "サイズの大きい共有ファイル数")),
        _count("closed_count", share.closed, Text("Expired or blocked", "期限切れ・無効な共有数")),
        col("newest_share_at", share.newest_at, Text("Newest share", "最新の共有日"), personal=False, because="when something was shared names nobody"),
        col("risk_level", owners.risk(why), words.RISK_LEVEL, labels=RISK, personal=False, because=_NO_NAME),
        col("risk_reason", why, Text("Reason", "判定理由"), labels=owners.REASON, personal=False, because=_NO_NAME),
        _count("not_judged_count", share.not_judged, Text("Shares of unknown kind", "種類の不明な共有数")),
        _count("not_read_count", share.not_read, Text("Shared files not read yet", "アクセス許可が未取得の共有ファイル数")),
        col("id", owner.id, words.OBJECT_ID),
        where=found.where,
    )  # fmt: skip


def _count(name: str, value: ColumnElement[int], called: Text) -> Col:
    return col(name, value, called, personal=False, because=_NO_NAME, total=SUM)


REPORT = Report(
    title=Text("Sharing by owner", "所有者別の共有分析"),
    description=Text(
        "One row per person or SharePoint site that shares files or folders, with how many shares of which "
        f"kind there are; what each of them is, is told by the report sharing. {owners.RULES.en}",
        "ファイル・フォルダーを共有しているユーザーまたは SharePoint サイトごとに 1 行、共有の種類別の件数。"
        f"共有ごとの内容は共有分析 (sharing) を参照してください。{owners.RULES.ja}",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/driveitem-list-permissions",
    table=_sharing_owners,
    row_key=("id", "place"),
    order=("owner",),
    chart=Chart(kind="bar", across="risk_level"),
    lacks=file_shares.LACKS,
    presets=owners.PRESETS,
)
