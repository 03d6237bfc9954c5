"""Apps of Teams: the catalogue of a tenant, and what is installed in teams and for people.

Options and properties: "List teamsApp", "List apps in team", "List apps installed for user". Who does
not use Teams is unknown to it: 404, as issues of microsoftgraph/msgraph-sdk-java quote it.
"""

from collections.abc import Callable, Iterable
from random import Random

from infra.local.sandbox.areas.teams import (
    BUDGET,
    OF_ONE,
    find_team,
    licence,
    not_permitted,
    teams_of,
)
from infra.local.sandbox.areas.users import find_user
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.teams_apps import SLOTS, STORE, TeamsApps

_OFFERED = frozenset({"$select", "$filter", "$expand"})
_APP = plain_type(
    "teamsApp", "id externalId displayName distributionMethod", expandable="appDefinitions"
)
_INSTALLED = "id consentedPermissionSet"
_OF_TEAM = plain_type("teamsAppInstallation", _INSTALLED, expandable="teamsApp teamsAppDefinition")
_OF_USER = plain_type(
    "userScopeTeamsAppInstallation", _INSTALLED, expandable="teamsApp teamsAppDefinition chat"
)
# What is no property: whose it is, and what comes on $expand only.
_BESIDE = frozenset({"teamId", "userId", "appDefinitions", "teamsApp", "teamsAppDefinition"})


def apps_of(tenant: Tenant) -> TeamsApps:
    """The apps of a tenant; ask for them by `tenant.part`."""
    return TeamsApps(tenant.seed, tenant.people, tenant.groups_made, tenant.anchor, tenant.timeline)


def _expanded(expand: dict[str, tuple[str, ...] | None]) -> Callable[[Entity], Entity]:
    def shown(row: Entity) -> Entity:
        told = {name: value for name, value in row.items() if name not in _BESIDE}
        for name, select in expand.items():
            inner = row.get(name)
            told[name] = (
                [_only(one, select) for one in inner]
                if isinstance(inner, list)
                else _only(inner, select)
            )
        return told

    return shown


def _only(item: Entity | None, select: tuple[str, ...] | None) -> Entity | None:
    return item if item is None or select is None else {name: item.get(name) for name in select}


def _catalogue(call: Call) -> Reply:
    options = read_options(call, _APP, _OFFERED)
    return list_reply(
        call, call.tenant.part(apps_of).catalogue, _APP, "appCatalogs/teamsApps", options=options,
        paging=Paging(default=500), shape=_expanded(options.expand),
    )  # fmt: skip


def _of_team(call: Call) -> Reply:
    team, held = find_team(call), call.tenant.part(apps_of).of_teams
    first = (call.tenant.groups_made.index(team["id"]) or 0) * SLOTS
    own = _own(held, first, "teamId", team["id"])
    options = read_options(call, _OF_TEAM, _OFFERED)
    fragment = f"teams('{team['id']}')/installedApps"
    return list_reply(
        call,
        Listed(own),
        _OF_TEAM,
        fragment,
        options=options,
        shape=_expanded(options.expand),
    )


def _of_user(call: Call) -> Reply:
    user, apps = find_user(call, call.args["id"]), call.tenant.part(apps_of)
    index = call.tenant.people.index(user["id"])
    if index is None or not apps.uses_teams(index):
        raise ApiError(404, "NotFound", f"User Id '{user['id']}' not found.")
    own = _own(apps.of_users, index * SLOTS, "userId", user["id"])
    options = read_options(call, _OF_USER, _OFFERED)
    fragment = f"users('{user['id']}')/teamwork/installedApps"
    return list_reply(
        call,
        Listed(own),
        _OF_USER,
        fragment,
        options=options,
        shape=_expanded(options.expand),
    )


def _own(held: Collection, first: int, name: str, key: str) -> list[Entity]:
    """The installations of one team or person, those that came later last."""
    rows: Iterable[Entity] = [*held.rows(first, first + SLOTS), *held.rows(held.size, len(held))]
    return [row for row in rows if row[name] == key]


def _install(changes: Changes, dice: Random) -> str:
    """A team or a person gets an app, a newer version of one, or removes it."""
    tenant = changes.tenant
    apps = tenant.part(apps_of)
    of_team = dice.random() < 0.5
    if of_team:
        held, name, owners = apps.of_teams, "teamId", tenant.part(teams_of).settings
    else:
        held, name, owners = apps.of_users, "userId", tenant.users
    place = dice.randrange(owners.size)
    owner = next(owners.rows(place, place + 1), None)
    if owner is None or (not of_team and not apps.uses_teams(place)):
        return ""
    own = _own(held, place * SLOTS, name, owner["id"])
    if own and dice.random() < 0.6:
        row = dice.choice(own)
        if dice.random() < 0.5:
            changes.delete(held.name, row["id"])
        else:
            major, _, rest = row["teamsAppDefinition"]["version"].partition(".")
            newer = {**row["teamsAppDefinition"], "version": f"{int(major) + 1}.{rest}"}
            changes.patch(held.name, row["id"], {"teamsAppDefinition": newer})
        return str(row["id"])
    number = f"{dice.getrandbits(128):032x}"
    key = f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}"
    made = apps.installation(key, {name: owner["id"]}, dice.randrange(40), older=False)
    return str(changes.create(held.name, made)["id"])


def _publish(changes: Changes, dice: Random) -> str:
    """An app of the organization is submitted, published or rejected; one of the store is renamed."""
    held = changes.tenant.part(apps_of).catalogue
    of_store = dice.random() < 0.5
    place = dice.randrange(STORE) if of_store else dice.randrange(STORE, held.size)
    app = next(held.rows(place, place + 1), None)
    if app is None:
        return ""
    if of_store:
        changes.patch(
            "teams_apps",
            app["id"],
            {"displayName": f"{app['displayName'].split(' (')[0]} ({dice.randrange(99)})"},
        )
        return str(app["id"])
    state = dice.choice(("submitted", "published", "rejected"))
    *older, newest = app["appDefinitions"]
    changes.patch(
        "teams_apps", app["id"], {"appDefinitions": [*older, {**newest, "publishingState": state}]}
    )
    return str(app["id"])


COLLECTIONS = {
    "teams_apps": lambda tenant: tenant.part(apps_of).catalogue,
    "team_app_installs": lambda tenant: tenant.part(apps_of).of_teams,
    "user_app_installs": lambda tenant: tenant.part(apps_of).of_users,
}
LIFE = (Happening("app installation", 0.1, _install), Happening("teams app", 0.03, _publish))
PERMISSIONS = {
    "AppCatalog.Read.All": "e12dae10-5a57-4817-b79d-dfbec5348930",
    "TeamsAppInstallation.ReadForTeam.All": "1f615aea-6bf9-4b05-84bd-46388e138537",
    "TeamsAppInstallation.ReadForUser.All": "9ce09611-f4f7-4abd-a629-a05450422a97",
}
_CATALOGUE, _TEAM, _USER = ((name,) for name in PERMISSIONS)
ROUTES = (
    Route("/appCatalogs/teamsApps", _catalogue, _CATALOGUE, BUDGET, licence=licence, refusal=not_permitted),
    Route(r"/teams/(?P<id>[^/]+)/installedApps", _of_team, _TEAM, OF_ONE, licence=licence, refusal=not_permitted),
    Route(r"/users/(?P<id>[^/]+)/teamwork/installedApps", _of_user, _USER, BUDGET, licence=licence, refusal=not_permitted),
)  # fmt: skip
