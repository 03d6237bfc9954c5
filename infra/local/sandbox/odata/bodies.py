"""The JSON body of a write to the directory, checked the way Graph checks it."""

from collections.abc import Iterable

from infra.local.sandbox.messages import ApiError
from infra.local.sandbox.odata.schema import EntityType
from infra.local.sandbox.routing import Call
from infra.local.sandbox.tenant.collection import Entity


def refused(text: str) -> ApiError:
    """The directory's error for a body that it does not take."""
    return ApiError(400, "Request_BadRequest", text)


def read_body(call: Call, kind: EntityType, read_only: frozenset[str]) -> Entity:
    """The properties to be set; raises ApiError 400 for unknown ones and those nobody may set."""
    body = call.request.json()
    if not isinstance(body, dict):
        raise ApiError(400, "BadRequest", "Unable to read JSON request payload.")
    named = {name: value for name, value in body.items() if not name.startswith("@odata.")}
    for name in named:
        if name not in kind.properties:
            raise refused(f"Invalid property '{name}'.")
        if name in read_only:
            raise refused(f"Property '{name}' is read-only and cannot be set.")
    return named


def require(body: Entity, names: Iterable[str], resource: str) -> None:
    """Raise ApiError 400 for the first property that a new object must have and has not."""
    for name in names:
        if body.get(name) in (None, ""):
            text = f"A value is required for property '{name}' of resource '{resource}'."
            raise refused(text)


def location(call: Call, key: str, kind: str) -> dict[str, str]:
    """The headers that say where a new directory object is."""
    home = call.base.rsplit("/", 1)[0]
    path = f"v2/{call.tenant.tenant_id}/directoryObjects/{key}"
    return {"location": f"{home}/{path}/Microsoft.DirectoryServices.{kind}"}
