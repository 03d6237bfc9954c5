"""Whom a permission of a drive item was given to, and who of them is from outside."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    and_,
    case,
    column,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from shared.catalog.mail import is_own, own_domains
from shared.catalog.user_types import is_guest
from shared.core.report import Sources

# A member's sign-in name, or the address that a one-time code was sent to. What is no member's, such
# as SharePoint's own app, is no address.
_LOGIN = r"(?i)\|membership\|(?:urn%3aspo%3aguest#)?(.+)$"
_GUEST = r"(?i)#ext#|urn%3aspo%3aguest#"
_NAMED = ("user", "siteUser", "group", "siteGroup", "application")


def recipients(s: Sources, permissions: FromClause) -> FromClause:
    """A row for each to whom a permission was given: `number`, `name`, `address`, `is_outside`.

    A link for anyone has a row of its own, without name and address. A guest's address is read out of
    his sign-in name, `x_y.com#ext#@tenant`; who has accepted an invitation is told once. Where the
    tenant's own domains are not known each address counts as outside: it is shown rather than missed.
    """
    told, users = _told(permissions), s.entity("users")
    each = told.c
    is_own_address = func.coalesce(is_own(each.address, own_domains(s)), False, type_=Boolean)
    is_outside = or_(
        each.is_anyone,
        each.is_guest,
        and_(each.address.is_not(None), ~is_own_address),
        is_guest(users.c.user_type),
    )
    return (
        select(
            each.number,
            func.coalesce(each.name, each.address, each.user_id, type_=TextType).label("name"),
            each.address,
            func.coalesce(is_outside, False, type_=Boolean).label("is_outside"),
        )
        # Whose address is known needs no look at his account: looking is what costs.
        .select_from(told.outerjoin(users, users.c.id == each.account_id))
        .where(
            or_(each.is_anyone, func.coalesce(each.name, each.address, each.user_id).is_not(None))
        )
        .lateral()
    )


def recipients_in_short(s: Sources, permissions: FromClause) -> FromClause:
    """One row: the `names` of all whom a permission was given to, and `any_outside`."""
    each = recipients(s, permissions).c
    in_order: ColumnElement[str] = aggregate_order_by(literal_column("', '"), each.number)
    return (
        select(
            func.string_agg(each.name, in_order, type_=TextType).label("names"),
            func.coalesce(func.bool_or(each.is_outside), False, type_=Boolean).label("any_outside"),
        )
        .select_from(each.number.table)
        .lateral()
    )


def anybody_outside(s: Sources, permissions: FromClause) -> ColumnElement[bool]:
    """Tell whether any whom a permission was given to is from outside; whoever asks looks them up."""
    each = recipients(s, permissions).c
    return (
        select(literal_column("1")).select_from(each.number.table).where(each.is_outside).exists()
    )


def _told(permissions: FromClause) -> FromClause:
    """What each identity says of itself: its name, the address that can be read out of it, its user id."""
    # Of a path the planner expects a thousand objects, and has all shares taken apart before they are ordered.
    elements = func.jsonb_array_elements(_everybody(permissions))
    numbered = elements.table_valued(column("value", JSONB), with_ordinality="number")
    found = numbered.render_derived().lateral()

    def at(*path: str) -> ColumnElement[str]:
        """The text at a path; null for an empty one."""
        where: ColumnElement[Any] = literal_column(f"'{{{','.join(path)}}}'")
        text = found.c.value.op("#>>", return_type=TextType())(where)
        return func.nullif(text, "", type_=TextType)

    login = at("siteUser", "loginName")
    written = func.coalesce(
        at("user", "email"),
        at("siteUser", "email"),
        func.substring(login, literal_column(f"'{_LOGIN}'")),
        at("invited"),
        type_=TextType,
    )
    guest: ColumnElement[Any] = literal_column(f"'{_GUEST}'")
    is_guest = or_(written.op("~")(guest), login.op("~")(guest))
    names = [at(kind, "displayName") for kind in _NAMED]
    return (
        select(
            found.c.number,
            func.coalesce(*names, type_=TextType).label("name"),
            _address(written).label("address"),
            at("user", "id").label("user_id"),
            case((written.is_(None), at("user", "id"))).label("account_id"),
            func.coalesce(is_guest, False, type_=Boolean).label("is_guest"),
            (at("anyone") == "true").label("is_anyone"),
        )
        .where(func.jsonb_typeof(found.c.value) == "object")
        # Its columns are then columns: as an expression an id could not be looked up by index.
        .offset(literal_column("0"))
        .lateral()
    )


def _everybody(permissions: FromClause) -> ColumnElement[Any]:
    """Return one array of all that a permission was granted to, whom it invites, and of anyone."""
    given = permissions.c
    nothing: ColumnElement[Any] = literal_column("'{}'::jsonb")
    none: ColumnElement[Any] = literal_column("'[]'::jsonb")
    invited = func.jsonb_build_object("invited", given.invitation_email)
    single = func.jsonb_build_array(func.coalesce(given.granted_to, nothing).concat(invited))
    several = given.granted_to_identities
    listed = case((func.jsonb_typeof(several) == "array", several), else_=none)
    anyone: ColumnElement[Any] = literal_column("""'[{"anyone": true}]'::jsonb""")
    open_to_all = case((given.link_scope == "anonymous", anyone), else_=none)
    return single.op("||", return_type=JSONB)(listed).op("||", return_type=JSONB)(open_to_all)


def _address(written: ColumnElement[str]) -> ColumnElement[str]:
    """Return the address in what was written, a guest's out of his sign-in name; null if it is none."""
    outer = func.regexp_replace(written, literal_column("'(?i)#ext#.*$'"), "", type_=TextType)
    home = func.regexp_replace(outer, literal_column("'_([^_]*)$'"), r"@\1", type_=TextType)
    return case((written.ilike("%#ext#%"), home), (written.contains("@"), written))
