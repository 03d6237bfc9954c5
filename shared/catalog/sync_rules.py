"""What keeps files from being synced, as far as it can be told from the cloud; and what the sync app said.

It tells its errors to nobody but the admin centre, whose export is imported. What it never uploads,
such as names with illegal characters, is not in the cloud and cannot be found there.
https://support.microsoft.com/office/64883a5d-228e-48f5-b3d2-eb39e07630fa
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy import Text as TextType

from shared.catalog.expressions import said_once
from shared.catalog.table import nothing
from shared.core.collector import collated
from shared.core.report import Sources

_STATES = ("nearing", "critical", "exceeded")
_MOST_ITEMS = 300_000
_LONGEST_PATH = 400
_UNSYNCED_NAMES = ("desktop.ini", ".lock", ".ds_store")


class Finding(NamedTuple):
    """Findings: rows of `source` that meet `where`, what each is of, and the rule that it breaks.

    `error` is a code of `sync_words.ERROR`, `message` one of `sync_words.MESSAGE`,
    or the sync app's own words.
    """

    source: FromClause
    where: ColumnElement[bool]
    id: ColumnElement[str]
    owner: ColumnElement[str]
    file: ColumnElement[Any]
    url: ColumnElement[str]
    error: ColumnElement[str]
    message: ColumnElement[str]
    since: ColumnElement[Any]
    affected: ColumnElement[int]
    device: ColumnElement[str]


def of_items(s: Sources, items: FromClause, owners: FromClause) -> Finding:
    """Return the items that break a rule, each with its one of `owners`; of several rules the first is told."""
    item = items.c
    lowered = func.lower(item.name)
    extension = func.substring(lowered, r"\.([^.]+)$", type_=TextType)
    error = case(
        (or_(item.name.startswith("~$"), lowered.in_(_UNSYNCED_NAMES)), "name"),
        (item.child_count.is_(None) & (extension == any_(_excluded(s))), "extension"),
        (_is_too_long(item.web_url), "path"),
    )
    found = said_once(error=error)
    broken = found.c.error
    one = literal(1, BigInteger())
    return Finding(
        # By the items alone: what breaks no rule is joined to nothing.
        items.join(found, true()).outerjoin(owners, true()), error.is_not(None), item.id,
        owners.c.display_name, item.name, item.web_url, broken, broken, item.last_modified_at, one, nothing("text"),
    )  # fmt: skip


def _excluded(s: Sources) -> ColumnElement[Sequence[str]]:
    """The extensions that the tenant's settings exclude, in lower case and without dots."""
    settings = s.entity("sharepoint_settings").c
    listed = settings.sync_excluded_extensions
    none: ColumnElement[Any] = literal_column("'[]'::jsonb")
    texts = func.jsonb_array_elements_text(
        case((func.jsonb_typeof(listed) == "array", listed), else_=none)
    )
    each = texts.table_valued(column("extension", TextType)).render_derived().lateral()
    plain = func.ltrim(func.lower(each.c.extension), "*.")
    every = func.array_agg(plain, type_=ARRAY(TextType))
    source = settings.id.table.join(each, true())
    return cast(select(every).select_from(source).scalar_subquery(), ARRAY(TextType))


def _is_too_long(url: ColumnElement[str]) -> ColumnElement[bool]:
    """Tell whether the path in an address is too long; an address that has none tells nothing.

    Office documents are opened by a page that names them by id. Of what is escaped each character
    counts once: its first byte, not those that go on.
    """
    # Without a pattern, which would take longer for them than all else of the report does.
    plain = _before("#", _before("?", url))
    # What goes on is %80 to %BF: of its three signs two are taken away, then one of those that begin.
    begun = reduce(_without, ("%8", "%9", "%A", "%B", "%a", "%b"), plain)
    whole, rest, least = map(func.length, (plain, begun, _without(begun, "%")))
    # Twice the length, with the three signs of each gone on and two of each begun taken away.
    twice = 2 * whole - 3 * (whole - rest) - 4 * (rest - least)
    host = func.length(func.substring(url, "^https?://[^/]+/", type_=TextType))
    # An address that is short as it stands is not taken apart.
    return case(
        (func.length(url) <= _LONGEST_PATH, False), else_=twice > 2 * (_LONGEST_PATH + host)
    )


def _before(sign: str, text: ColumnElement[str]) -> ColumnElement[str]:
    return func.split_part(text, sign, literal_column("1"), type_=TextType)


def _without(text: ColumnElement[str], part: str) -> ColumnElement[str]:
    return func.replace(text, part, "", type_=TextType)


def of_drives(drives: FromClause, owners: FromClause) -> Finding:
    """Return the drives that are full or nearly so, each with its one of `owners`."""
    drive, no_file = drives.c, _no_file()
    message = literal("quota_", TextType()).concat(drive.quota_state)
    return Finding(
        drives.outerjoin(owners, true()).join(no_file, true()), drive.quota_state.in_(_STATES),
        drive.id.concat("/quota"), owners.c.display_name, no_file.c.name, drive.web_url,
        literal("quota", TextType()), message, nothing("timestamp"), nothing("int"), nothing("text"),
    )  # fmt: skip


def of_large(usage: FromClause) -> Finding:
    """Return the sites of a usage report that have more items than can be synced."""
    row, no_file, code = usage.c, _no_file(), literal("items", TextType())
    return Finding(
        usage.join(no_file, true()), row.file_count > _MOST_ITEMS, row.id.concat("/items"),
        row.owner_display_name, no_file.c.name, row.site_url, code, code,
        nothing("timestamp"), row.file_count, nothing("text"),
    )  # fmt: skip


def of_import(s: Sources) -> Finding:
    """Return what the sync app said, as far as somebody sent it; of whom there is no account by his name."""
    told, users, no_file = s.entity("onedrive_sync_errors"), s.entity("users"), _no_file()
    row, user = told.c, users.c
    # One account, the first: while a name passes from one to another, both may have it.
    names = ("display_name", collated("display_name"))
    same = user.user_principal_name_folded == row.user_name_folded
    account = select(*(user[name] for name in names)).where(same)
    known = account.order_by(user.id).limit(1).lateral()
    named = select(
        *(func.coalesce(known.c[name], row.user_name, type_=TextType).label(name) for name in names),
        row.id, row.error, row.error_count, row.seen_at, row.device_name,
    ).select_from(told.outerjoin(known, true())).subquery()  # fmt: skip
    each = named.c
    return Finding(
        named.join(no_file, true()), true(), each.id, each.display_name, no_file.c.name,
        nothing("text"), literal("reported", TextType()), each.error, each.seen_at, each.error_count,
        each.device_name,
    )  # fmt: skip


def _no_file() -> FromClause:
    """One row: no name of a file and, as beside each, no key to sort by."""
    return select(nothing("text").label("name"), nothing("text").label(collated("name"))).subquery()
