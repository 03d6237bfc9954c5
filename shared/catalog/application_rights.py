"""What applications were allowed, and how far that reaches.

- `high`: an application permission, which needs nobody to be signed in and holds for the whole
  tenant, that writes, sends, manages or fully controls.
- `medium`: any other application permission, or a delegated one that writes and that an
  administrator granted for everybody.
- `low`: other delegated permissions. `none`: nothing was granted.
- Nothing is said of an application permission whose name its resource does not tell (any more), nor
  while no application permission was read.

https://learn.microsoft.com/en-us/entra/identity-platform/permissions-consent-overview
"""

from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    Function,
    String,
    and_,
    case,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from shared.catalog.table import nothing
from shared.core.report import Sources

# By the words between the dots of a name: Mail.ReadWrite, Sites.FullControl.All, Exchange.ManageAsApp.
_WRITES = (
    r"(^|\.)(ReadWrite|Write|FullControl|Manage|ManageAsApp|AccessAsUser|Send|Create|Delete|"
    r"PrivilegedOperations)(\.|$)|^full_access_as_app$"
)
# May use what offers the roles, and has none of them.
_DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"


class Rights(NamedTuple):
    """The row that each service principal has in `source`, null where nothing was granted."""

    source: FromClause
    roles: FromClause
    grants: FromClause


def rights(s: Sources, principals: FromClause) -> Rights:
    """Return service principals with their application and delegated permissions."""
    roles, grants = _application_permissions(s), _delegated_permissions(s, principals)
    source = principals.outerjoin(roles, roles.c.principal_id == principals.c.id)
    return Rights(source.join(grants, true()), roles, grants)


def no_rights() -> Rights:
    """Return the rights of what cannot act: no rows of the same columns."""
    texts = [
        nothing("text").label(name) for name in ("principal_id", "names", "for_all", "by_users")
    ]
    flags = [nothing("bool").label(name) for name in ("writes", "unknown")]
    numbers = [nothing("int").label(name) for name in ("count", "users")]
    none = select(*texts, *flags, *numbers).where(false()).subquery("no_rights")
    return Rights(none, none, none)


def _application_permissions(s: Sources) -> FromClause:
    """A row per holder: made once for all, since each resource offers hundreds of roles."""
    given, offered = s.entity("app_role_assignments").c, _offered(s).c
    joined = given.id.table.outerjoin(
        offered.resource_id.table,
        and_(offered.resource_id == given.resource_id, offered.role_id == given.app_role_id),
    )
    name = func.coalesce(offered.name, given.app_role_id)
    held = select(
        given.principal_id,
        func.count().label("count"),
        _listed(name).label("names"),
        func.bool_or(_writes(offered.name)).label("writes"),
        func.bool_or(offered.name.is_(None)).label("unknown"),
    )
    held = held.select_from(joined).where(given.app_role_id != _DEFAULT_ACCESS)
    return held.group_by(given.principal_id).cte().prefix_with("MATERIALIZED", dialect="postgresql")


def _offered(s: Sources) -> FromClause:
    """The roles that resources offer: `resource_id`, `role_id`, `name`."""
    resource = s.entity("service_principals").c
    found = func.jsonb_path_query(resource.app_roles, literal_column("'$[*]'"))
    role = found.table_valued(column("value", JSONB)).render_derived().lateral().c.value
    offered = select(
        resource.id.label("resource_id"),
        role.op("->>", return_type=String())(literal_column("'id'")).label("role_id"),
        role.op("->>", return_type=String())(literal_column("'value'")).label("name"),
    )
    return offered.select_from(resource.id.table.join(role.table, true())).subquery()


def _delegated_permissions(s: Sources, principals: FromClause) -> FromClause:
    """One row: what is granted for everybody, and how many users granted something for themselves."""
    given = s.entity("oauth2_permission_grants").c
    words = func.regexp_split_to_table(func.trim(given.scope), literal_column(r"'\s+'"))
    word = words.table_valued("word").render_derived().lateral().c.word
    for_all, by_user = given.consent_type == "AllPrincipals", given.consent_type == "Principal"
    users = func.count(given.principal_id.distinct()).filter(by_user)
    one_row = select(
        _listed(word).filter(for_all).label("for_all"),
        _listed(word).filter(by_user).label("by_users"),
        case((users > 0, users)).label("users"),
        func.bool_or(_writes(word)).filter(for_all).label("writes"),
    )
    return (
        one_row.select_from(given.id.table.outerjoin(word.table, true()))
        .where(given.client_id == principals.c.id)
        .lateral("delegated_permissions")
    )


def _listed(name: ColumnElement[str]) -> Function[str]:
    """Return each name once, in order, with ", " between them."""
    plain = name.collate("C")
    in_order: ColumnElement[str] = aggregate_order_by(literal_column("', '"), plain)
    return func.string_agg(plain.distinct(), in_order, type_=String)


def consent_level(s: Sources, held: Rights) -> ColumnElement[str]:
    """Return the code of `labels.RISK` that the granted permissions amount to."""
    roles, grants = held.roles.c, held.grants.c
    roles_read = _has_rows(s, "app_role_assignments")
    both_read = and_(roles_read, _has_rows(s, "oauth2_permission_grants"))
    return case(
        (roles.writes, "high"),
        (or_(roles.unknown, ~roles_read), literal_column("NULL")),
        (or_(roles.count > 0, func.coalesce(grants.writes, false())), "medium"),
        (or_(grants.for_all.is_not(None), grants.users > 0), "low"),
        (both_read, "none"),
    )


def _has_rows(s: Sources, dataset: str) -> ColumnElement[bool]:
    """Whether a dataset was read: every tenant has some, Kanri's own permissions at least."""
    return select(literal(1)).select_from(s.entity(dataset)).exists()


def _writes(name: ColumnElement[str]) -> ColumnElement[bool]:
    return name.op("~", return_type=Boolean())(literal_column(f"'{_WRITES}'"))
