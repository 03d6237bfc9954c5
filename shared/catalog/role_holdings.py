"""How a directory role is held, and where: active assignments and eligibilities side by side.

https://learn.microsoft.com/en-us/graph/api/resources/unifiedroleassignment, and for scopes
https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/custom-overview
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.catalog.table import nothing
from shared.core.report import Sources
from shared.core.text import Text

HELD_AS: Mapping[str, Text] = {
    "active": Text("Active", "有効"),
    "eligible": Text("Eligible (PIM)", "資格あり (PIM)"),
}
SCOPE_KINDS: Mapping[str, Text] = {
    "tenant": Text("Whole tenant", "テナント全体"),
    "administrative_unit": Text("Administrative unit", "管理単位"),
    "attribute_set": Text("Attribute set", "属性セット"),
    "object": Text("Single object", "個別オブジェクト"),
    "application": Text("Application", "アプリケーション"),
}

_OBJECT = "^/[0-9a-fA-F-]{36}$"


def role_holdings(sources: Sources) -> FromClause:
    """Return active assignments, activated ones among them, and eligibilities: one row each."""
    active, eligible = sources.entity("role_assignments"), sources.entity("role_eligibilities")
    same = (
        "id",
        "principal_id",
        "principal_type",
        "principal_display_name",
        "role_definition_id",
        "directory_scope_id",
        "app_scope_id",
    )
    return union_all(
        select(
            *(active.c[name] for name in same),
            literal("active").label("held_as"),
            nothing("timestamp").label("eligible_until"),
        ),
        select(
            *(eligible.c[name] for name in same),
            literal("eligible"),
            eligible.c.ends_at.label("eligible_until"),
        ),
    ).subquery("holdings")


class RoleHolders(NamedTuple):
    """The rows of `source`: one for each holder of a role; `holder` is the id of who it is."""

    source: FromClause
    holder: ColumnElement[str]
    holdings: FromClause
    roles: FromClause
    members: FromClause
    users: FromClause
    activity: FromClause
    registration: FromClause


def role_holders(s: Sources) -> RoleHolders:
    """Return the holdings, those of a group once for each of its members, with what is known of each."""
    holdings = role_holdings(s)
    roles, members, users = s.entity("role_definitions"), s.entity("members"), s.entity("users")
    activity, registration = s.entity("sign_in_activity"), s.entity("user_registration_details")
    given, member_id = holdings.c, members.c.member_id
    # CASE, because below a policy PostgreSQL takes COALESCE for leaky and looks up no id by index.
    holder = case((member_id.is_not(None), member_id), else_=given.principal_id)
    source = (
        holdings.outerjoin(roles, roles.c.id == given.role_definition_id)
        .outerjoin(members, members.c.parent_id == given.principal_id)
        .outerjoin(users, users.c.id == holder)
        .outerjoin(activity, activity.c.id == holder)
        .outerjoin(registration, registration.c.id == holder)
    )
    return RoleHolders(source, holder, holdings, roles, members, users, activity, registration)


def roles_by_holder(s: Sources) -> FromClause:
    """Return a row per holder, directly or through a group: `holder`, `count` and `names` of roles.

    Made once for all: few hold a role, and whoever asks does so for many who hold none.
    """
    holdings, roles, members = role_holdings(s), s.entity("role_definitions"), s.entity("members")
    given = holdings.c
    holder = func.coalesce(members.c.member_id, given.principal_id)
    name = func.coalesce(roles.c.display_name, given.role_definition_id).collate("C")
    in_order: ColumnElement[str] = aggregate_order_by(literal_column("', '"), name)
    joined = holdings.outerjoin(roles, roles.c.id == given.role_definition_id).outerjoin(
        members, members.c.parent_id == given.principal_id
    )
    held = select(
        holder.label("holder"),
        func.count(name.distinct()).label("count"),
        func.string_agg(name.distinct(), in_order, type_=String).label("names"),
    )
    rows = held.select_from(joined).group_by(holder).cte()
    return rows.prefix_with("MATERIALIZED", dialect="postgresql")


def scope_kind(holdings: FromClause) -> ColumnElement[str]:
    """Return the code of `SCOPE_KINDS` for a row of `role_holdings`; a new kind is shown as it is."""
    scope = holdings.c.directory_scope_id
    spelled = func.lower(scope)
    return case(
        (scope == "/", "tenant"),
        (spelled.like("/administrativeunits/%"), "administrative_unit"),
        (spelled.like("/attributesets/%"), "attribute_set"),
        (scope.regexp_match(_OBJECT), "object"),
        (scope != "", scope),
        (holdings.c.app_scope_id.is_not(None), "application"),
    )
