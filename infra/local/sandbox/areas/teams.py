"""Teams, how they are set up, and their channels.

"List teams" fills in no more than id, name and description; `summary` comes on `$select` only. A group
may still tell of a team that is gone: 404. Refusals: issues of microsoftgraph/microsoft-graph-docs that
quote them; what a tenant without Teams gets is the sandbox's guess. Budgets: "Microsoft Teams service
limits", where 30 requests a second are those of all teams and 4 those of one.
"""

from collections.abc import Iterator
from random import Random

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import ONE, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import Listed, context, list_reply, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.teams import SLOTS, Teams
from infra.local.sandbox.throttling import Limit

SERVICE = "teams"
BUDGET, OF_ONE = "teams", "team"
_OFFERED = frozenset({"$select", "$filter", "$top", "$count"})
_TEAM = plain_type(
    "team",
    "id classification createdDateTime description displayName firstChannelName funSettings guestSettings "
    "internalId isArchived memberSettings messagingSettings specialization summary tenantId visibility webUrl",
)
_CHANNEL = plain_type(
    "channel",
    "id createdDateTime description displayName email isArchived isFavoriteByDefault layoutType "
    "membershipType migrationMode originalCreatedDateTime summary tenantId webUrl",
)
# What the enumeration of membership types got later.
_NEWER = frozenset({"shared"})


def teams_of(tenant: Tenant) -> Teams:
    """The teams of a tenant; ask for them by `tenant.part`."""
    return Teams(tenant.seed, tenant.groups_made, tenant.anchor, tenant.timeline)


def licence(call: Call) -> None:
    """Raise ApiError 403 in a tenant without Teams."""
    if SERVICE in call.tenant.not_bought:
        text = "Failed to get license information. Ensure a valid Office365 license is assigned."
        raise ApiError(403, "Forbidden", text)


def not_permitted(call: Call, permissions: tuple[str, ...]) -> ApiError:
    """How Teams refuses an application that lacks the roles."""
    held = ", ".join(sorted(call.caller.roles))
    text = (
        f"Missing role permissions on the request. API requires one of '{', '.join(permissions)}'. "
        f"Roles on the request '{held}'."
    )
    return ApiError(403, "Forbidden", text)


def find_team(call: Call) -> Entity:
    """The team that the path names, with its group's name; raises ApiError 404."""
    key = call.args["id"].lower()
    group, team = call.tenant.groups.state(key), call.tenant.part(teams_of).settings.state(key)
    if group is None or team is None:
        raise ApiError(404, "NotFound", f"No team found with Group Id {key}")
    return {**team, **_named(group), "tenantId": call.tenant.tenant_id}


def _named(group: Entity) -> Entity:
    return {name: group.get(name) for name in ("id", "displayName", "description")}


class _Listed:
    """The groups that tell of a team, in the order of the groups."""

    def __init__(self, tenant: Tenant) -> None:
        self._groups = tenant.groups
        self._seeded = tenant.groups_made.teams

    def __len__(self) -> int:
        return self._seeded

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The teams of a range of positions."""
        for group in self._groups.rows(start, min(stop, self._seeded)):
            if group["resourceProvisioningOptions"] == ["Team"]:
                yield _named(group)


def _list(call: Call) -> Reply:
    options = read_options(call, _TEAM, _OFFERED)
    return list_reply(call, _Listed(call.tenant), _TEAM, "teams", options=options)


def _one(call: Call) -> Reply:
    team = find_team(call)
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), _TEAM)
    if select and "summary" in select:
        team["summary"] = _summary(call.tenant, team["id"])
    found = project([team], _TEAM, select)[0]
    return json_reply({"@odata.context": context(call, "teams/$entity", select), **found})


def _summary(tenant: Tenant, key: str) -> Entity:
    """How many own, belong to and visit a team."""
    held = tenant.collections["group_owners"].state(key) or {"owners": []}
    people = {own: tenant.users.state(own) for own in tenant.memberships.members(key)}
    guests = [own for own, user in people.items() if user and user["userType"] == "Guest"]
    owners = [own for own in held["owners"] if tenant.users.state(own)]
    members = [own for own, user in people.items() if user and own not in (*guests, *owners)]
    return {"ownersCount": len(owners), "membersCount": len(members), "guestsCount": len(guests)}


def _channels(call: Call) -> Reply:
    team, held = find_team(call), call.tenant.part(teams_of).channels
    options = read_options(call, _CHANNEL, _OFFERED - {"$top"})
    first = (call.tenant.groups_made.index(team["id"]) or 0) * SLOTS
    rows = [*held.rows(first, first + SLOTS), *held.rows(held.size, len(held))]
    own = [row for row in rows if row["teamId"] == team["id"]]

    def shown(row: Entity) -> Entity:
        told = {name: value for name, value in row.items() if name != "teamId"}
        seen: Entity = evolved(call, {**told, "tenantId": call.tenant.tenant_id}, _NEWER)
        return seen

    fragment = f"teams('{team['id']}')/channels"
    return list_reply(call, Listed(own), _CHANNEL, fragment, options=options, shape=shown)


def _settings(tenant: Tenant) -> Collection:
    return tenant.part(teams_of).settings


def _channels_of(tenant: Tenant) -> Collection:
    return tenant.part(teams_of).channels


def _some_team(changes: Changes, dice: Random) -> Entity | None:
    held = _settings(changes.tenant)
    place = dice.randrange(held.size)
    team = next(held.rows(place, place + 1), None)
    return team if team and changes.tenant.groups.state(team["id"]) else None


def _administer(changes: Changes, dice: Random) -> str:
    """A team is archived or opened again, or its guests may do more or less."""
    team = _some_team(changes, dice)
    if team is None:
        return ""
    guests = team["guestSettings"]
    other = {
        **guests,
        "allowCreateUpdateChannels": not guests["allowCreateUpdateChannels"],
    }
    changed = dice.choice(({"isArchived": not team["isArchived"]}, {"guestSettings": other}))
    changes.patch("teams", team["id"], changed)
    return str(team["id"])


def _open_channel(changes: Changes, dice: Random) -> str:
    """A channel is opened, given another name, or closed; the general one stays."""
    team, held = _some_team(changes, dice), _channels_of(changes.tenant)
    if team is None:
        return ""
    first = (changes.tenant.groups_made.index(team["id"]) or 0) * SLOTS
    others = [row for row in held.rows(first + 1, first + SLOTS) if row["teamId"] == team["id"]]
    if others and dice.random() < 0.5:
        channel = dice.choice(others)
        if dice.random() < 0.4:
            changes.delete("channels", channel["id"])
        else:
            name = f"{channel['displayName'].split(' #')[0]} #{dice.randrange(100)}"
            changes.patch("channels", channel["id"], {"displayName": name})
        return str(channel["id"])
    number = dice.getrandbits(128)
    made = {
        "id": f"19:{number:032x}@thread.tacv2",
        "teamId": team["id"],
        "displayName": f"New {number % 1000}",
        "description": None,
        "createdDateTime": stamp(changes.tenant.clock.now()),
        "membershipType": dice.choice(("standard", "private", "shared")),
        "isArchived": False,
        "email": "",
        "isFavoriteByDefault": None,
        "webUrl": None,
    }
    return str(changes.create("channels", made)["id"])


COLLECTIONS = {"teams": _settings, "channels": _channels_of}
LIFE = (Happening("team", 0.06, _administer), Happening("channel", 0.06, _open_channel))
LIMITS = {
    BUDGET: (Limit(30, 1.0),),
    OF_ONE: (Limit(30, 1.0), Limit(4, 1.0, by_path=True)),
}
PERMISSIONS = {
    "Team.ReadBasic.All": "2280dda6-0bfd-44ee-a2f4-cb867cfc4c1e",
    "TeamSettings.Read.All": "242607bd-1d2c-432c-82eb-bdb27baa23ab",
    "Channel.ReadBasic.All": "59a6b24b-4225-4393-8165-ebaec5f55d7a",
}
_BASIC, _WHOLE, _OF_CHANNELS = ((name,) for name in PERMISSIONS)
ROUTES = (
    Route("/teams", _list, _BASIC, BUDGET, licence=licence, refusal=not_permitted),
    Route(r"/teams/(?P<id>[^/]+)", _one, _WHOLE, OF_ONE, licence=licence, refusal=not_permitted),
    Route(r"/teams/(?P<id>[^/]+)/channels", _channels, _OF_CHANNELS, OF_ONE, licence=licence, refusal=not_permitted),
)  # fmt: skip
