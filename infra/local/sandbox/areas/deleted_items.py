"""Deleted users and groups: for thirty days they can be listed, restored, or removed for good."""

from datetime import timedelta

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, context, list_reply
from infra.local.sandbox.odata.schema import GROUP, USER, EntityType
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity

_KEPT = timedelta(days=30)
_KINDS: dict[str, tuple[str, EntityType]] = {"user": ("users", USER), "group": ("groups", GROUP)}
_READ = {"user": ("User.Read.All", "Directory.Read.All"), "group": ("Group.Read.All",)}
_RESTORE = ("User.DeleteRestore.All", "User.ReadWrite.All", "Group.ReadWrite.All")


def _deleted(call: Call, kind: str) -> list[Entity]:
    """What can be restored, as it was, with the instant of its deletion."""
    name, _ = _KINDS[kind]
    held, line = call.tenant.collections[name], call.tenant.timeline
    found: list[Entity] = []
    for key in held.changed_ids:
        if held.gone(key) and held.reason(key) == "changed":
            at = line.instant(held.last_change(key, line.sequence))
            if call.now - at < _KEPT:
                found.append({**held.before_deletion(key), "deletedDateTime": stamp(at)})
    return found


def _find(call: Call) -> tuple[str, Entity]:
    """The kind and the object; raises ApiError 404 for what was never deleted, or too long ago."""
    key = call.args["id"].lower()
    for kind in _KINDS:
        for row in _deleted(call, kind):
            if row["id"].lower() == key:
                return kind, row
    raise ApiError(404, "Request_ResourceNotFound", f"Resource '{key}' does not exist.")


def _list(call: Call) -> Reply:
    kind = call.args["kind"].lower()
    _, shape = _KINDS[kind]
    options = read_options(call, shape)
    rows = Listed(_deleted(call, kind))
    return list_reply(
        call, rows, shape, f"directoryObjects/microsoft.graph.{kind}", options=options
    )


def _restore(call: Call) -> Reply:
    kind, row = _find(call)
    restored = call.changes.restore(_KINDS[kind][0], row["id"])
    head = {
        "@odata.context": context(call, "directoryObjects") + "/$entity",
        "@odata.type": f"#microsoft.graph.{kind}",
    }
    shown = ("id", "displayName", "mail", "userPrincipalName" if kind == "user" else "description")
    return json_reply({**head, **{name: restored.get(name) for name in shown}})


def _remove(call: Call) -> Reply:
    kind, row = _find(call)
    call.changes.delete(_KINDS[kind][0], row["id"], final=True)
    return Reply(204)


WRITING = {"User.DeleteRestore.All": "eccc023d-eccf-4e7b-9683-8813ab36cecc"}
_ONE = r"/directory/deletedItems/(?P<id>[0-9a-fA-F-]{36})"
ROUTES = (
    *(
        Route(rf"/directory/deletedItems/microsoft\.graph\.(?P<kind>{kind})", _list, _READ[kind])
        for kind in _KINDS
    ),
    Route(_ONE, _remove, ("User.ReadWrite.All", "Group.ReadWrite.All"), methods=("DELETE",)),
    Route(rf"{_ONE}/restore", _restore, _RESTORE, methods=("POST",)),
)
