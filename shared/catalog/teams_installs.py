"""Apps of Teams: what the catalogue tells of each, where it is installed, and who may have it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from shared.catalog.expressions import array_length, was_read
from shared.catalog.teams_policies import PREFIX, policy_name, said
from shared.core.report import Sources
from shared.core.text import Text as Words

METHODS: Mapping[str, Words] = {
    "store": Words("Store", "ストア"),
    "organization": Words("Organization", "組織"),
    "sideloaded": Words("Sideloaded", "サイドロード"),
}
STATES: Mapping[str, Words] = {
    "published": Words("Published", "公開"),
    "submitted": Words("In review", "審査中"),
    "rejected": Words("Rejected", "拒否"),
}
PERMISSION: Mapping[str, Words] = {
    "allowed": Words("Allowed", "許可"),
    "blocked": Words("Blocked", "ブロック"),
}
UNKNOWN_APPS: Mapping[str, Words] = {
    "user_app_installs": Words(
        "How many apps a user has is not known.", "ユーザーのアプリ数を取得できていません。"
    ),
}
_INSTALLS = ("team_app_installs", "user_app_installs")


class Apps(NamedTuple):
    """Apps of `source`: what the catalogue and the installations tell of each."""

    source: FromClause
    id: ColumnElement[str]
    name: ColumnElement[str]
    version: ColumnElement[str]
    method: ColumnElement[str]
    state: ColumnElement[str]
    in_teams: ColumnElement[int]
    of_users: ColumnElement[int]
    number: ColumnElement[int]
    publisher: ColumnElement[str]
    active_users: ColumnElement[int]
    last_used: ColumnElement[date]
    permission: ColumnElement[str]


def installed_apps(s: Sources, users: FromClause) -> ColumnElement[int]:
    """Return how many apps a user has installed; null while those of users were never read, and of whom
    nobody asks: who has no licence, or no account (any more)."""
    installs, user = s.entity("user_app_installs").c, users.c
    own = installs.parent_id == user.id
    number = select(func.count()).select_from(installs.id.table).where(own)
    asked = array_length(user.assigned_licenses) > 0
    return case((asked & was_read(s, "user_app_installs"), number.scalar_subquery()))


def apps(s: Sources) -> Apps:
    """Return the apps that are installed anywhere, and those of the organization."""
    listed, read, policy = _wanted(s), _read(s), _global_policy(s)
    app = listed.c
    newest = _newest_definition(app.app_definitions)
    judged, permission = _permission(listed, policy)
    usage = _usage(s)
    joined = listed.join(newest, true()).join(read, true())
    joined = joined.outerjoin(usage, usage.c.name == func.lower(app.name))
    joined = joined.outerjoin(policy, true()).join(judged, true())
    teams, users = (
        case((done, cast(func.coalesce(number, 0), BigInteger)))
        for done, number in ((read.c.teams, app.in_teams), (read.c.users, app.of_users))
    )
    return Apps(
        source=joined,
        id=app.id,
        name=app.name,
        version=func.coalesce(app.version, newest.c.version),
        method=app.method,
        state=case((app.method == "store", "published"), else_=newest.c.state),
        in_teams=teams,
        of_users=users,
        number=teams + users,
        publisher=usage.c.publisher,
        active_users=usage.c.active_users,
        last_used=usage.c.last_used,
        permission=permission,
    )


def _wanted(s: Sources) -> FromClause:
    """A row for each app: what the catalogue tells of it, and where it is installed."""
    app, found = s.entity("teams_apps").c, _installed(s).c
    both = app.id.table.outerjoin(found.app_id.table, found.app_id == app.id, full=True)
    query = select(
        func.coalesce(app.id, found.app_id, type_=Text).label("id"),
        func.coalesce(app.display_name, found.name).label("name"),
        func.coalesce(app.distribution_method, found.method).label("method"),
        app.external_id,
        app.app_definitions,
        found.version,
        found.in_teams,
        found.of_users,
    )
    query = query.select_from(both)
    wanted = or_(found.app_id.is_not(None), app.distribution_method == "organization")
    return query.where(wanted).subquery("apps")


def _installed(s: Sources) -> FromClause:
    """A row for each app that is installed: where how often, and its newest version there."""
    each = _versions(s).c
    return (
        select(
            each.app_id,
            func.max(each.name).label("name"),
            func.max(each.method).label("method"),
            func.sum(each.in_teams).label("in_teams"),
            func.sum(each.of_users).label("of_users"),
            _newest(each.version).label("version"),
        )
        .group_by(each.app_id)
        .subquery("installed")
    )


def _versions(s: Sources) -> FromClause:
    """A row for each version of an app: few, where to put all installations in order would take long."""
    sides = []
    for dataset, teams in zip(_INSTALLS, (1, 0), strict=True):
        row = s.entity(dataset).c
        sides.append(
            select(
                row.app_id,
                row.app_name,
                row.distribution_method,
                row.version,
                literal(teams, Integer).label("in_team"),
            ).where(row.app_id.is_not(None))
        )
    row = union_all(*sides).subquery("installs").c
    return (
        select(
            row.app_id,
            row.version,
            func.max(row.app_name).label("name"),
            func.max(row.distribution_method).label("method"),
            func.sum(row.in_team).label("in_teams"),
            func.sum(1 - row.in_team).label("of_users"),
        )
        .group_by(row.app_id, row.version)
        .subquery("versions")
    )


def _usage(s: Sources) -> FromClause:
    """A row for each app of the imported file by its name, in lower case: it has no id.

    Of a name that several publishers have nothing is said: no line is certainly that app's.
    """
    row = s.entity("teams_app_usage").c
    name = func.lower(row.app_name, type_=Text).label("name")
    told = (
        func.max(row.publisher).label("publisher"),
        func.max(row.active_users, type_=BigInteger).label("active_users"),
        func.max(row.last_used_on, type_=Date).label("last_used"),
    )
    query = select(name, *told).group_by(name).having(func.count() == literal_column("1"))
    return query.subquery("usage")


def _order(version: ColumnElement[str]) -> ColumnElement[list[int]]:
    """Return the numbers of a version, by which 1.10 is newer than 1.9; null if it has others."""
    plain = version.regexp_match(literal_column(r"'^[0-9]{1,9}(\.[0-9]{1,9})*$'"))
    numbers = func.string_to_array(version, literal_column("'.'"))
    return case((plain, cast(numbers, ARRAY(Integer))))


def _newest(version: ColumnElement[str]) -> ColumnElement[str]:
    in_order = aggregate_order_by(version, _order(version).desc().nulls_last(), version.desc())
    known = func.array_agg(in_order, type_=ARRAY(Text)).filter(version.is_not(None))
    return known[1]


def _newest_definition(definitions: ColumnElement[object]) -> FromClause:
    """One row: version and state of an app's newest definition; null without any."""
    each = func.jsonb_path_query(definitions, literal_column("'$[*]'"))
    value = each.table_valued(column("value", JSONB)).render_derived().lateral().c.value

    def text(name: str) -> ColumnElement[str]:
        return value.op("->>", return_type=Text())(literal_column(f"'{name}'"))

    version = text("version")
    found = select(version.label("version"), text("publishingState").label("state"))
    found = found.order_by(_order(version).desc().nulls_last(), version.desc()).limit(1)
    one = found.subquery().lateral()
    return select(func.max(one.c.version).label("version"), func.max(one.c.state).label("state")).select_from(one).lateral()  # fmt: skip


def _read(s: Sources) -> FromClause:
    """One row: whether the apps of teams and those of users have been read to the end."""
    runs = s.runs(_INSTALLS).c
    teams, users = (
        func.coalesce(
            func.bool_or((runs.dataset == name) & runs.complete_at.is_not(None)), False
        ).label(label)
        for name, label in zip(_INSTALLS, ("teams", "users"), strict=True)
    )
    return _once(select(teams, users).select_from(runs.dataset.table))


def _global_policy(s: Sources) -> FromClause:
    resource = s.entity("teams_configuration")
    wanted = and_(
        resource.c.resource_type == f"{PREFIX}apppermissionpolicy",
        func.lower(policy_name(resource)) == "global",
    )
    return _once(select(resource.c.properties).where(wanted).limit(1))


def _once(query: Select[Any]) -> FromClause:
    """Return what is the same for every app, and looked up once: else it would be for each of them."""
    return query.cte().prefix_with("MATERIALIZED", dialect="postgresql")


def _permission(app: FromClause, policy: FromClause) -> tuple[FromClause, ColumnElement[str]]:
    """One row beside each app, and what follows from it: whether the global policy allows the app.

    Nothing tells apps of the store that are Microsoft's from others, and each kind has a list of
    its own: where the two disagree the list that names the app decides, else nothing is said.
    """
    names = (app.c.id, app.c.external_id)
    (others, named), (microsofts, known) = (
        _by(policy, kind, names) for kind in ("Global", "Default")
    )
    own, _named = _by(policy, "Private", names)
    columns: dict[str, ColumnElement[Any]] = {
        "others": others,
        "named": named,
        "microsofts": microsofts,
        "known": known,
        "own": own,
    }
    # OFFSET keeps each a column: written out where it is compared, the statement is ten times as long.
    judged = (
        select(*(value.label(name) for name, value in columns.items()))
        .correlate(app, policy)
        .offset(literal_column("0"))
        .lateral("judged")
    )
    it = judged.c
    of_store = case(
        (it.others == it.microsofts, it.others), (it.named, it.others), (it.known, it.microsofts)
    )
    method = app.c.method
    return judged, case((method == "store", of_store), (method == "organization", it.own))


def _by(
    policy: FromClause, kind: str, names: tuple[ColumnElement[str], ...]
) -> tuple[ColumnElement[str], ColumnElement[bool]]:
    """Return what one catalogue's list says of an app, and whether the list names it."""
    listed = policy.c.properties.op("->", return_type=JSONB())(
        literal_column(f"'{kind}CatalogApps'")
    )
    named = or_(*(func.coalesce(listed.op("?")(name), False) for name in names))
    means = said(policy, f"{kind}CatalogAppsType")
    verdict = case(
        (means == "BlockedAppList", case((named, "blocked"), else_="allowed")),
        (means == "AllowedAppList", case((named, "allowed"), else_="blocked")),
    )
    return verdict, named
