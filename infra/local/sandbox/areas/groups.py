"""Groups: list, one group, members, change tracking; creating, changing and deleting them."""

from collections.abc import Iterator
from copy import replace

from infra.local.sandbox.areas.service_principals import PRINCIPAL, principals
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.bodies import location, read_body, refused, require
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import ONE, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import Paging, context, count_reply, list_reply, project
from infra.local.sandbox.odata.schema import DIRECTORY_OBJECT, GROUP, USER, EntityType
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity

_WRITE = ("Group.ReadWrite.All",)
_READ = ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", *_WRITE)
_REQUIRED = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")
_READ_ONLY = frozenset(
    [
        "id",
        "assignedLicenses",
        "createdDateTime",
        "deletedDateTime",
        "expirationDateTime",
        "mail",
        "proxyAddresses",
        "onPremisesDomainName",
        "onPremisesLastSyncDateTime",
        "onPremisesNetBiosName",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "renewedDateTime",
        "securityIdentifier",
    ]
)
_KINDS = {f"#{kind.name}": kind for kind in (USER, GROUP, PRINCIPAL)}
_EXPANDED = 20  # "$expand" of members and owners returns at most 20 objects


def find_group(call: Call, key: str) -> Entity:
    """A group by object id; raises ApiError 404."""
    state = call.tenant.groups.state(key.lower())
    if state is None:
        raise ApiError(404, "Request_ResourceNotFound", f"Resource '{key}' does not exist.")
    return state


def _typed(state: Entity, kind: EntityType, select: tuple[str, ...] | None) -> Entity:
    names = tuple(name for name in select if name in kind.properties) if select else None
    return {"@odata.type": f"#{kind.name}", **project([state], kind, names)[0]}


def _member(call: Call, key: str) -> Entity | None:
    """A user, group or service principal, whole, with its `@odata.type`; None when it is gone."""
    tenant, kind = call.tenant, call.tenant.kind_of(key)
    if kind == "servicePrincipal":
        found = principals(tenant).state(key)
    else:
        found = (tenant.groups if kind == "group" else tenant.users).state(key)
    return found and {"@odata.type": f"#microsoft.graph.{kind}", **found}


def member_object(call: Call, key: str, select: tuple[str, ...] | None) -> Entity | None:
    """A member with its `@odata.type`; None when the object is gone."""
    whole = _member(call, key)
    return whole and _typed(whole, _KINDS[whole["@odata.type"]], select)


def _list(call: Call) -> Reply:
    options = read_options(call, GROUP)
    version = None if options.expand else call.tenant.timeline.sequence

    def expanded(group: Entity) -> Entity:
        keys = call.tenant.memberships.members(group["id"])[:_EXPANDED]
        found = [member_object(call, key, options.expand.get("members")) for key in keys]
        return {**group, "members": [member for member in found if member], "owners": []}

    return list_reply(
        call, call.tenant.groups, GROUP, "groups", options=options, paging=Paging(version=version),
        shape=expanded if options.expand else None,
    )  # fmt: skip


def _one(call: Call) -> Reply:
    group = find_group(call, call.args["id"])
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), GROUP, single=True)
    found = project([group], GROUP, select)[0]
    return json_reply({"@odata.context": context(call, "groups", select) + "/$entity", **found})


class _Members:
    """The members of a group, whole and typed; made page by page, groups can be large."""

    def __init__(self, call: Call, keys: list[str]) -> None:
        self._call = call
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The living members of a range of positions."""
        members = (_member(self._call, key) for key in self._keys[start:stop] if key)
        return (member for member in members if member)


def objects_reply(call: Call, keys: list[str]) -> Reply:
    """A page of users, groups and applications by their ids, whoever is gone left out."""
    options = read_options(call, DIRECTORY_OBJECT)

    def shown(row: Entity) -> Entity:
        return _typed(row, _KINDS[row["@odata.type"]], options.select)

    # Each object is projected to its own type; the page takes it as it is.
    whole = replace(options, select=None)
    return list_reply(
        call, _Members(call, keys), DIRECTORY_OBJECT, "directoryObjects", options=whole, shape=shown
    )


def _members(call: Call) -> Reply:
    group = find_group(call, call.args["id"])
    return objects_reply(call, call.tenant.memberships.places(group["id"]))


def _delta(call: Call) -> Reply:
    tracked = Tracked(call.tenant.groups, GROUP, "groups", call.tenant.memberships)
    return delta_reply(call, tracked)


def _count(call: Call) -> Reply:
    return count_reply(call, call.tenant.groups, GROUP)


def _create(call: Call) -> Reply:
    body = read_body(call, GROUP, _READ_ONLY)
    require(body, _REQUIRED, "Group")
    if body["mailEnabled"] and "Unified" not in body.get("groupTypes", ()):
        raise refused("The service does not currently support writes of mail-enabled groups.")
    tenant, now = call.tenant, stamp(call.now)
    key = tenant.groups_made.guid(len(tenant.groups))
    made = {"id": key, "createdDateTime": now, "renewedDateTime": now}
    group = {**made, "groupTypes": [], "resourceProvisioningOptions": [], **body}
    call.changes.create("groups", group)
    shown = project([group], GROUP, None)[0]
    reply = json_reply({"@odata.context": context(call, "groups") + "/$entity", **shown}, 201)
    reply.headers.update(location(call, key, "Group"))
    return reply


def _change(call: Call) -> Reply:
    group = find_group(call, call.args["id"])
    call.changes.patch("groups", group["id"], read_body(call, GROUP, _READ_ONLY))
    return Reply(204)


def _delete(call: Call) -> Reply:
    call.changes.delete("groups", find_group(call, call.args["id"])["id"])
    return Reply(204)


WRITING = {"Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09"}
ROUTES = (
    Route(r"/groups", _create, _WRITE, methods=("POST",)),
    Route(r"/groups/(?P<id>[^/]+)", _change, _WRITE, methods=("PATCH",)),
    Route(r"/groups/(?P<id>[^/]+)", _delete, _WRITE, methods=("DELETE",)),
    Route(r"/groups", _list, _READ),
    Route(r"/groups/(microsoft\.graph\.)?delta", _delta, _READ),
    Route(r"/groups/\$count", _count, _READ),
    Route(r"/groups/(?P<id>[^/]+)", _one, _READ),
    Route(r"/groups/(?P<id>[^/]+)/members", _members, _READ, cost=3),
)
