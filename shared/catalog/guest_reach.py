"""What a guest can reach in the tenant: the groups and teams he is a direct member of, and roles."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Function,
    String,
    case,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.catalog.expressions import has
from shared.catalog.role_holdings import roles_by_holder
from shared.core.report import Preset, Sources
from shared.core.text import Text

INVITATION: Mapping[str, Text] = {
    "Accepted": Text("Accepted", "承諾済み"),
    "PendingAcceptance": Text("Pending", "承諾待ち"),
}
LACKS: Mapping[str, Text] = {
    "members": Text(
        "The groups and teams of guests are missing from the report.",
        "ゲストのグループとチームがレポートに含まれていません。",
    ),
    "role_assignments": Text(
        "Roles that guests hold are missing from the report.",
        "ゲストが保有するロールがレポートに含まれていません。",
    ),
    "role_eligibilities": Text(
        "Roles that guests may activate (PIM) are missing from the report.",
        "ゲストが有効化できるロール (PIM) がレポートに含まれていません。",
    ),
}
PRESETS: Mapping[str, Preset] = {
    "stale": Preset(
        words=Text("Enabled guests nobody uses", "長期未使用の有効なゲスト"),
        asked={
            "filter": "account_status eq 'enabled' and activity_status in ('stale','never_used')",
            "orderBy": "inactive_days desc",
        },
    ),
    "with_role": Preset(
        words=Text("Guests with an administrator role", "管理者ロールを持つゲスト"),
        asked={"filter": "role_count gt 0", "orderBy": "role_count desc"},
    ),
    "pending": Preset(
        words=Text("Invitations that nobody accepted", "承諾されていない招待"),
        asked={"filter": "invitation_state eq 'PendingAcceptance'", "orderBy": "created_at"},
    ),
}


class Reach(NamedTuple):
    """The guests of `source`, each with a row of `groups` and, if he has any, of `roles`."""

    source: FromClause
    groups: FromClause
    roles: FromClause


def reach(s: Sources, source: FromClause, users: FromClause) -> Reach:
    """Return `source`, which has the accounts of `users`, with what each can reach."""
    groups, roles = _groups(s, users), roles_by_holder(s)
    joined = source.join(groups, true()).outerjoin(roles, roles.c.holder == users.c.id)
    return Reach(joined, groups, roles)


def _groups(s: Sources, users: FromClause) -> FromClause:
    """One row: how many groups and teams, and their names; unknown while no member was read."""
    member, group = s.entity("members").c, s.entity("groups").c
    is_team = has(group.resource_provisioning_options, '$[*] ? (@ == "Team")')
    name = func.coalesce(group.display_name, member.parent_id)
    known = select(literal(1)).select_from(s.entity("members")).exists()
    return (
        select(
            case((known, func.count())).label("groups"),
            case((known, func.count().filter(is_team))).label("teams"),
            _listed(name).label("group_names"),
            _listed(name).filter(is_team).label("team_names"),
        )
        .select_from(member.id.table.outerjoin(group.id.table, group.id == member.parent_id))
        .where(member.member_id == users.c.id)
        .lateral("reach")
    )


def _listed(name: ColumnElement[str]) -> Function[str]:
    in_order: ColumnElement[str] = aggregate_order_by(literal_column("', '"), name.collate("C"))
    return func.string_agg(name, in_order, type_=String)


def role_count(s: Sources, found: Reach) -> ColumnElement[int]:
    """Return how many roles a guest holds or may activate; null while no assignment was read."""
    known = select(literal(1)).select_from(s.entity("role_assignments")).exists()
    return case((known, func.coalesce(found.roles.c.count, 0)))


def home_domain(users: FromClause) -> ColumnElement[str]:
    """Return the domain of a guest's own address, which his name here has before #EXT#."""
    address = func.coalesce(
        users.c.mail,
        func.regexp_replace(users.c.user_principal_name, literal_column("'_([^_]+)#EXT#.*$'"),
                            literal_column(r"'@\1'"), type_=String),
    )  # fmt: skip
    return func.lower(func.substring(address, literal_column("'@([^@]+)$'")), type_=String)
