"""Owners of groups: mostly people, now and then an application, and for many groups nobody."""

from random import Random

from infra.local.sandbox.areas.groups import find_group, objects_reply
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.people import ADMINS, TEAM_SIZE, Kind

_READ = ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "Group.ReadWrite.All")


def _owners(tenant: Tenant) -> Collection:
    """A row for each seeded group, by the group's id: `owners` are ids."""
    dice, groups, people = Dice(tenant.seed, "group owner"), tenant.groups_made, tenant.people
    application = next(iter(tenant.apps.values())).object_id

    def make(index: int) -> Entity:
        roll = dice.roll(index)
        team = range(TEAM_SIZE * index, min(TEAM_SIZE * (index + 1), people.count))
        near = team if index < groups.teams else range(min(ADMINS, people.count))
        able = [n for n in near if people.kind(n) in (Kind.MEMBER, Kind.DISABLED)]
        owners = [people.guid(n) for n in able[: 1 + roll[0] % 2]]
        if roll[1] < 20 or not owners:
            owners = []
        elif roll[2] < 10:
            owners.append(application)
        return {"id": groups.guid(index), "owners": owners}

    return Collection("group_owners", tenant.timeline, groups.count, make, groups.index)


def _of_tenant(tenant: Tenant) -> Collection:
    return tenant.part(_owners)


def _list(call: Call) -> Reply:
    group = find_group(call, call.args["id"])
    held = _of_tenant(call.tenant).state(group["id"])
    return objects_reply(call, held["owners"] if held else [])


def _change(changes: Changes, dice: Random) -> str:
    """A group gets another owner, or loses one."""
    held, users = _of_tenant(changes.tenant), changes.tenant.users
    place, other = dice.randrange(len(held)), dice.randrange(len(users))
    for row in held.rows(place, place + 1):
        if changes.tenant.groups.state(row["id"]) is None:
            return ""
        owners = row["owners"][1:] if row["owners"] and dice.random() < 0.5 else row["owners"]
        newcomers = [user["id"] for user in users.rows(other, other + 1)]
        changes.patch(
            "group_owners", row["id"], {"owners": list(dict.fromkeys([*owners, *newcomers]))}
        )
        return str(row["id"])
    return ""


COLLECTIONS = {"group_owners": _of_tenant}
LIFE = (Happening("group owner", 0.05, _change),)
ROUTES = (Route(r"/groups/(?P<id>[^/]+)/owners", _list, _READ),)
