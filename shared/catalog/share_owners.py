"""What each owner shares of drives and libraries, counted, and how risky all of it is together."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy import Text as TextType
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog import file_shares as shared
from shared.catalog.expressions import said_once
from shared.catalog.share_recipients import anybody_outside
from shared.core.report import Preset, Sources
from shared.core.share_limits import (
    OWNER_ANONYMOUS_LINKS,
    OWNER_EXTERNAL_SHARES,
    OWNER_HIGH_SHARES,
    OWNER_SHARES,
)
from shared.core.text import Text

REASON: Mapping[str, Text] = {
    "high_shares": Text("Many shares of high risk", "リスクの高い共有が多い"),
    "anonymous_links": Text("Many links for anyone", "匿名リンクが多い"),
    "external_shares": Text("Many external shares", "外部共有が多い"),
    "many_shares": Text("Many shares", "共有が多い"),
    "below_limits": Text("Below every limit", "すべての基準以下"),
    "not_understood": Text(
        "Shares of a kind that is not known might raise it", "種類の不明な共有があり判定不可"
    ),
}
RULES = Text(
    "Risk, by the first of these that is true: high if more than 3 shares are of high risk or more than 10 "
    "are links for anyone; medium if more than 5 are external or there are more than 20; else low (each "
    "number a setting). What has expired or the tenant's settings block is counted apart, and in no other "
    "column. The risk is unknown where shares of a kind or role that is not known might raise it. The "
    "figures are of what was read: shared files whose permissions were not read are counted, their shares "
    "are missing, so that the risk is at least what is shown; see the coverage.",
    "リスク: リスクの高い共有が 3 件を超えるか匿名リンクが 10 件を超えれば高、外部共有が 5 件を超えるか共有が 20 件を超えれば中、"
    "それ以外は低 (数はいずれも設定可、上から順に判定)。期限切れ・テナントの設定で無効な共有は別に数え、他の列には含みません。"
    "種類や権限の不明な共有により上がり得る場合は不明とします。取得済みの範囲の値であり、アクセス許可が未取得の共有ファイルは件数のみを示し、"
    "その共有は含まれないため、リスクは少なくとも表示の値です (カバレッジを参照)。",
)
PRESETS: Mapping[str, Preset] = {
    "high": Preset(
        words=Text("Owners of high risk", "リスクの高い所有者"),
        asked={"filter": "risk_level eq 'high'"},
    ),
}


class Owners(NamedTuple):
    """The owners of `source` who share anything (`where`), each with a row of `shares`.

    `shares` has `share_count` and, of these, `anonymous`, `external`, `organization`, `high`, `not_judged`
    and the files and folders that are `large`; besides `closed`, `not_read` and `newest_at`.
    """

    source: FromClause
    place: ColumnElement[str]
    owner: FromClause
    shares: FromClause
    drive_count: ScalarSelect[int]
    where: ColumnElement[bool]


def people(s: Sources) -> Owners:
    """Return the users who share anything of their drives."""
    return _owners(s, "onedrive", s.entity("users"), "user_drives", "drive")


def sites(s: Sources) -> Owners:
    """Return the sites of whose libraries anything is shared."""
    return _owners(s, "site", s.entity("sites"), "site_drives", "site_drive")


def _owners(s: Sources, place: str, owner: FromClause, drives: str, kind: str) -> Owners:
    items, given = s.entity(f"{kind}_items"), s.entity(f"{kind}_item_permissions")
    shares = _counted(s, owner, s.entity(drives), items, given)
    own = s.entity(drives).c
    number = select(cast(func.count(), BigInteger)).where(own.parent_id == owner.c.id)
    return Owners(
        owner.join(shares, true()),
        literal(place, TextType()),
        owner,
        shares,
        number.scalar_subquery(),
        shares.c.found > 0,
    )


def _counted(
    s: Sources, owner: FromClause, drives: FromClause, items: FromClause, given: FromClause
) -> FromClause:
    """One row for an owner: a look at his drives alone, so that a page costs no more than its owners."""
    of_item = items.outerjoin(given, given.c.parent_id == items.c.id)
    joined = drives.join(of_item, items.c.parent_id == drives.c.id)
    every = shared.Shares(joined, literal(""), literal(""), items, given, true())
    judged = shared.judged(s, every, anybody_outside(s, given))
    item, was_read = items.c, given.c.id.is_not(None)
    marked = or_(item.shared_scope.is_not(None), item.shared_at.is_not(None))
    told = said_once(
        risk=judged.risk,
        opens=and_(was_read, judged.state == "active"),
        is_large=shared.is_large(s, every),
    )
    opens, high_or_less = told.c.opens, told.c.risk
    return (
        select(
            _number(func.count()).label("found"),
            _number(func.count().filter(opens)).label("share_count"),
            *(
                _number(func.count().filter(opens, judged.kind == kind)).label(kind)
                for kind in ("anonymous", "external", "organization")
            ),
            _number(func.count().filter(opens, high_or_less == "high")).label("high"),
            _number(func.count().filter(opens, high_or_less.is_(None))).label("not_judged"),
            _number(func.count(item.id.distinct()).filter(opens, told.c.is_large)).label("large"),
            _number(func.count().filter(was_read, ~opens)).label("closed"),
            _number(func.count().filter(~was_read)).label("not_read"),
            func.max(item.shared_at).filter(opens).label("newest_at"),
        )
        .select_from(judged.source.join(told, true()))
        .where(
            drives.c.parent_id == owner.c.id,
            or_(and_(was_read, shared.is_share(given)), and_(~was_read, marked)),
        )
        .lateral("shares")
    )


def reason(s: Sources, shares: FromClause) -> ColumnElement[str]:
    """Return the code of `REASON`: the first rule that says how risky an owner's shares are."""
    share = shares.c
    high, external = s.parameter(OWNER_HIGH_SHARES), s.parameter(OWNER_EXTERNAL_SHARES)
    return case(
        (share.high > high, "high_shares"),
        (share.anonymous > s.parameter(OWNER_ANONYMOUS_LINKS), "anonymous_links"),
        (share.high + share.not_judged > high, "not_understood"),
        (share.external > external, "external_shares"),
        (share.share_count > s.parameter(OWNER_SHARES), "many_shares"),
        else_="below_limits",
    )


def risk(why: ColumnElement[str]) -> ColumnElement[str]:
    """Return the code of `labels.RISK` that a reason stands for; null for what is not understood."""
    return case(
        (why.in_(("high_shares", "anonymous_links")), "high"),
        (why.in_(("external_shares", "many_shares")), "medium"),
        (why == "below_limits", "low"),
    )


def _number(value: ColumnElement[int]) -> ColumnElement[int]:
    return cast(value, BigInteger)
