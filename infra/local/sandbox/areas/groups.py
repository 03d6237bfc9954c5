"""Groups: list, one group, members, and change tracking."""

from dataclasses import replace

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import read_options, read_select
from infra.local.sandbox.odata.pages import Listed, Paging, context, list_reply, project
from infra.local.sandbox.odata.schema import DIRECTORY_OBJECT, GROUP, USER
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity

_READ = ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
_EXPANDED = 20  # "$expand" of members and owners returns at most 20 objects


def find_group(call: Call, key: str) -> Entity:
    """A group by object id; raises ApiError 404."""
    state = call.tenant.groups.state(key.lower())
    if state is None:
        raise ApiError(404, "Request_ResourceNotFound", f"Resource '{key}' does not exist.")
    return state


def member_object(call: Call, key: str, select: tuple[str, ...] | None) -> Entity | None:
    """A member with its `@odata.type`; None when the object is gone."""
    for collection, kind in ((call.tenant.users, USER), (call.tenant.groups, GROUP)):
        state = collection.state(key)
        if state is not None:
            names = tuple(n for n in select if n in kind.properties) if select else None
            return {"@odata.type": f"#{kind.name}", **project([state], kind, names)[0]}
    return None


def _list(call: Call) -> Reply:
    options = read_options(call, GROUP)
    version = None if options.expand else call.tenant.timeline.sequence

    def expanded(group: Entity) -> Entity:
        keys = call.tenant.memberships.members(group["id"])[:_EXPANDED]
        found = [member_object(call, key, options.expand["members"]) for key in keys]
        return {**group, "members": [member for member in found if member], "owners": []}

    return list_reply(
        call, call.tenant.groups, GROUP, "groups", options=options, paging=Paging(version=version),
        shape=expanded if "members" in options.expand else None,
    )  # fmt: skip


def _one(call: Call) -> Reply:
    group = find_group(call, call.args["id"])
    select = read_select(call.query.get("$select"), GROUP)
    found = project([group], GROUP, select)[0]
    return json_reply({"@odata.context": context(call, "groups", select) + "/$entity", **found})


def _members(call: Call) -> Reply:
    group = find_group(call, call.args["id"])
    options = read_options(call, DIRECTORY_OBJECT)
    keys = call.tenant.memberships.members(group["id"])
    states = [(key, call.tenant.users.state(key) or call.tenant.groups.state(key)) for key in keys]
    test = options.predicate
    kept = [key for key, state in states if state and (test is None or test(state))]
    found = [member_object(call, key, options.select) for key in kept]
    rows = Listed([member for member in found if member])
    # Each member is projected to its own type already; the page takes them as they are.
    shown = replace(options, select=None, predicate=None)
    return list_reply(call, rows, DIRECTORY_OBJECT, "directoryObjects", options=shown)


def _delta(call: Call) -> Reply:
    tracked = Tracked(call.tenant.groups, GROUP, "groups", call.tenant.memberships)
    return delta_reply(call, tracked)


def _count(call: Call) -> Reply:
    if not call.eventual:
        raise ApiError(400, "Request_BadRequest", "$count is not currently supported.")
    options = read_options(call, GROUP)
    rows = call.tenant.groups.rows(0, len(call.tenant.groups))
    number = sum(1 for row in rows if options.predicate is None or options.predicate(row))
    return Reply(body=str(number).encode(), headers={"content-type": "text/plain"})


ROUTES = (
    Route(r"/groups", _list, _READ),
    Route(r"/groups/(microsoft\.graph\.)?delta", _delta, _READ),
    Route(r"/groups/\$count", _count, _READ),
    Route(r"/groups/(?P<id>[^/]+)", _one, _READ),
    Route(r"/groups/(?P<id>[^/]+)/members", _members, _READ, cost=3),
)
