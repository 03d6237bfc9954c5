"""What is shared of people's drives and of sites', with whom, and what may come of it.

A share is a permission that an item has of its own: neither the owner's nor handed down by a folder, and
no link for those who had access before.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    and_,
    case,
    func,
    literal,
    select,
    true,
)
from sqlalchemy import Text as TextType
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from shared.catalog.drive_owners import person_behind, site_behind
from shared.catalog.expressions import has, listed, said_once
from shared.core.report import Sources
from shared.core.share_limits import SHARED_FILE_MB
from shared.core.text import Text

PLACE: Mapping[str, Text] = {
    "onedrive": Text("OneDrive", "OneDrive"),
    "site": Text("SharePoint site", "SharePoint サイト"),
}
SHARE_TYPE: Mapping[str, Text] = {
    "anonymous": Text("Anyone with the link", "匿名リンク"),
    "organization": Text("Everyone in the organization", "組織内リンク"),
    "external": Text("External", "外部"),
    "internal": Text("Internal", "社内"),
}
PERMISSION: Mapping[str, Text] = {
    "full_control": Text("Full control", "フル コントロール"),
    "edit": Text("Edit", "編集"),
    "view": Text("View", "閲覧"),
    "view_no_download": Text("View, no download", "閲覧 (DL不可)"),
}
STATE: Mapping[str, Text] = {
    "active": Text("Open", "有効"),
    "expired": Text("Expired", "期限切れ"),
    "blocked": Text("Blocked by the tenant's settings", "テナントの設定により無効"),
}
LINK_SCOPE: Mapping[str, Text] = {
    "anonymous": Text("Anyone", "すべてのユーザー"),
    "organization": Text("The organization", "組織内"),
    "users": Text("Certain people", "特定のユーザー"),
}
KIND_OF_FILE: Mapping[str, Text] = {"folder": Text("Folder", "フォルダー")}

LACKS: Mapping[str, Text] = {
    "user_drives": Text(
        "Drives of some people are not known: what they share is missing.",
        "一部のユーザーのドライブを取得していないため、その共有が含まれていません。",
    ),
    "drive_items": Text(
        "Some drives of people were not read to their end: what they share is missing.",
        "一部のユーザーのドライブを最後まで取得していないため、その共有が含まれていません。",
    ),
    "drive_item_permissions": Text(
        "Of some shared files of people it was not read yet with whom they are shared.",
        "ユーザーの共有ファイルの一部は共有相手を取得していません。",
    ),
    "sites": Text(
        "Some SharePoint sites are not known: what they share is missing.",
        "一部の SharePoint サイトを取得していないため、その共有が含まれていません。",
    ),
    "site_drives": Text(
        "Libraries of some sites are not known: what they share is missing.",
        "一部のサイトのライブラリを取得していないため、その共有が含まれていません。",
    ),
    "site_drive_items": Text(
        "Some libraries of sites were not read to their end: what they share is missing.",
        "一部のサイトのライブラリを最後まで取得していないため、その共有が含まれていません。",
    ),
    "site_drive_item_permissions": Text(
        "Of some shared files of sites it was not read yet with whom they are shared.",
        "サイトの共有ファイルの一部は共有相手を取得していません。",
    ),
    "users": Text(
        "Which accounts are guests is not fully known: some of them may be shown as internal.",
        "ゲスト アカウントを完全に取得できていないため、外部の相手が社内として表示されることがあります。",
    ),
    "domains": Text(
        "Which domains are the tenant's own is not fully known: people within may be shown as external.",
        "テナントのドメインを完全に取得できていないため、内部の相手が外部として表示されることがあります。",
    ),
    "sharepoint_settings": Text(
        "What the tenant's settings block is not known: such shares are shown as open.",
        "テナントの設定を取得していないため、無効な共有も有効として表示されます。",
    ),
}

# The capabilities with which nobody outside gets in, and with which no link opens for anyone.
# https://learn.microsoft.com/en-us/graph/api/resources/sharepointsettings
_FOR_NOBODY = "disabled"
_NOT_FOR_ANYONE = (_FOR_NOBODY, "externalUserSharingOnly", "existingExternalUserSharingOnly")
# https://learn.microsoft.com/en-us/graph/api/resources/permission
_OWNS = '$[*] ? (@ == "sp.full control" || @ == "sp.owner")'
_EDITS = '$[*] ? (@ == "write" || @ == "sp.member")'
_VIEWS = '$[*] ? (@ == "read" || @ == "restrictedView")'
_OF_OWNER = '$[*] ? (@ == "owner")'
_MIB = 1024 * 1024


class Shares(NamedTuple):
    """The shares of `source` that meet `where`: items, their permissions, whose they are and where."""

    source: FromClause
    place: ColumnElement[str]
    owner: ColumnElement[str]
    item: FromClause
    permission: FromClause
    where: ColumnElement[bool]


def of_people(s: Sources) -> Shares:
    """Return what is shared of people's drives."""
    items, given = s.entity("drive_items"), s.entity("drive_item_permissions")
    return _shares("onedrive", items, given, person_behind(s, items.c.parent_id))


def of_sites(s: Sources) -> Shares:
    """Return what is shared of the libraries of sites."""
    items, given = s.entity("site_drive_items"), s.entity("site_drive_item_permissions")
    return _shares("site", items, given, site_behind(s, items.c.parent_id))


def _shares(place: str, items: FromClause, given: FromClause, owners: FromClause) -> Shares:
    source = items.join(given, given.c.parent_id == items.c.id).outerjoin(owners, true())
    name = owners.c.display_name
    return Shares(source, literal(place, TextType()), name, items, given, is_share(given))


def is_share(permissions: FromClause) -> ColumnElement[bool]:
    """Tell whether a permission is one that somebody gave to this item."""
    given = permissions.c
    return and_(
        given.inherited_from_item_id.is_(None),
        given.link_scope.is_distinct_from("existingAccess"),
        has(given.roles, _OF_OWNER).is_not(true()),
    )


class Judged(NamedTuple):
    """Shares with what they are taken for: codes of `SHARE_TYPE`, `PERMISSION`, `STATE` and `RISK`."""

    source: FromClause
    kind: ColumnElement[str]
    access: ColumnElement[str]
    state: ColumnElement[str]
    risk: ColumnElement[str]


def judged(
    s: Sources, shares: Shares, outside: ColumnElement[bool], people: FromClause | None = None
) -> Judged:
    """Judge shares, each joined with `people`, recipients or what is known of them in short, if any.

    Whether somebody is `outside` decides on what was given to people, and is asked of that only. A kind
    of link or a role that is not known is told as it is, and its risk is null.
    """
    given = shares.permission.c
    scope = func.coalesce(given.link_scope, "users", type_=TextType)
    kind = case(
        ((scope == "users") & outside, "external"), (scope == "users", "internal"), else_=scope
    )
    found, tenant = said_once(kind=kind, access=_access(given)), _settings(s)
    state = case(
        (given.expires_at <= s.as_of, "expired"),
        ((found.c.kind == "anonymous") & tenant.c.blocks_anyone, "blocked"),
        ((found.c.kind == "external") & tenant.c.blocks_everybody, "blocked"),
        else_="active",
    )
    source = shares.source if people is None else shares.source.join(people, true())
    source = source.join(found, true()).join(tenant, true())
    outwards = found.c.kind.in_(("anonymous", "external"))
    understood = found.c.kind.in_(SHARE_TYPE) & found.c.access.in_(PERMISSION)
    known = func.coalesce(understood, False, type_=Boolean)
    risk = case(
        (state != "active", "low"),
        (~known, None),
        (outwards & found.c.access.in_(("edit", "full_control")), "high"),
        (outwards | is_large(s, shares), "medium"),
        else_="low",
    )
    return Judged(source, found.c.kind, found.c.access, state, risk)


def is_large(s: Sources, shares: Shares) -> ColumnElement[bool]:
    """Tell whether what is shared is known to be larger than is fine."""
    large = shares.item.c.size > s.parameter(SHARED_FILE_MB) * _MIB
    return func.coalesce(large, False, type_=Boolean)


def _access(given: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[str]:
    views = has(given.roles, _VIEWS)
    return case(
        (has(given.roles, _OWNS), "full_control"),
        (has(given.roles, _EDITS), "edit"),
        (views & given.link_prevents_download, "view_no_download"),
        (views, "view"),
        else_=listed(given.roles, "$[*]"),
    )


def _settings(s: Sources) -> FromClause:
    """One row: whether the tenant's settings block links for anyone, and all people outside.

    As long as they are not known, or say something new, nothing is taken for blocked.
    """
    settings = s.entity("sharepoint_settings").c
    capability = settings.sharing_capability
    anyone = func.bool_or(capability.in_(_NOT_FOR_ANYONE), type_=Boolean)
    everybody = func.bool_or(capability == _FOR_NOBODY, type_=Boolean)
    return select(
        func.coalesce(anyone, False, type_=Boolean).label("blocks_anyone"),
        func.coalesce(everybody, False, type_=Boolean).label("blocks_everybody"),
    ).subquery()


def kind_of_file(shares: Shares) -> ColumnElement[str]:
    """Return the extension of a file's name, or the code of `KIND_OF_FILE`; null without either."""
    item = shares.item.c
    extension = func.lower(func.substring(item.name, r"[^.]\.([^.]+)$"), type_=TextType)
    return case((item.child_count.is_not(None), "folder"), else_=extension)
