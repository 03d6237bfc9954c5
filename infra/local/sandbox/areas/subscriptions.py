"""Subscriptions to change notifications: created after a handshake, renewed, deleted, expiring.

Facts: the subscription resource type, its lifetimes, and "Receive change notifications through
webhooks" for the handshake.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.notifications import answers_handshake
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

_KIND = plain_type(
    "subscription",
    "id applicationId changeType clientState creatorId encryptionCertificate encryptionCertificateId "
    "expirationDateTime includeResourceData latestSupportedTlsVersion lifecycleNotificationUrl "
    "notificationQueryOptions notificationUrl notificationUrlAppId resource",
)
_SHORTEST = timedelta(minutes=45)
_WITHOUT_LIFECYCLE = timedelta(hours=1)  # Teams: beyond it a lifecycleNotificationUrl is wanted
_PER_APP_AND_TENANT = 100
_MOST_STATE = 128


@dataclass(frozen=True, slots=True)
class _Resource:
    """What may be subscribed to: by whom, for how many minutes at most, to which kinds of change.

    `lifecycle`: for more than an hour a lifecycleNotificationUrl is wanted.
    """

    pattern: str
    permission: str
    minutes: int
    kinds: str
    lifecycle: bool = False


_RESOURCES = (
    _Resource(r"users(/[^/]+)?", "User.Read.All", 41_760, "updated deleted"),
    _Resource(r"groups(/[^/]+(/(members|owners))?)?", "Group.Read.All", 41_760, "updated deleted"),
    _Resource(r"(drives/[^/]+|users/[^/]+/drive)/root", "Files.Read.All", 42_300, "updated"),
    _Resource(
        r"teams(/[^/]+)?", "Team.ReadBasic.All", 4_320, "created updated deleted", lifecycle=True
    ),
    _Resource(r"communications/callRecords", "CallRecords.Read.All", 4_230, "created updated"),
)
_REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_CHANGEABLE = frozenset({"expirationDateTime", "notificationUrl", "notificationUrlAppId"})


def _refused(text: str, code: str = "ValidationError") -> ApiError:
    return ApiError(400, code, text)


def _held(_tenant: Tenant) -> dict[str, dict[str, Entity]]:
    """The subscriptions of each app, by id."""
    return {}


def _mine(call: Call) -> dict[str, Entity]:
    """The caller's subscriptions that have not expired, by id."""
    held = call.tenant.part(_held).setdefault(call.caller.app_id, {})
    for key in [k for k, row in held.items() if _instant(row["expirationDateTime"]) <= call.now]:
        del held[key]
    return held


def _instant(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise _refused("Subscription expiration is not a valid date.") from None
    if found.tzinfo is None:
        raise _refused("Subscription expiration has no time zone.")
    return found


def _resource(text: object) -> _Resource:
    path = str(text).strip("/")
    for resource in _RESOURCES:
        if re.fullmatch(resource.pattern, path, re.IGNORECASE):
            return resource
    raise _refused(f"Resource '{path}' is not supported for subscriptions.", "ExtensionError")


def _body(call: Call) -> Entity:
    body = call.request.json()
    if not isinstance(body, dict):
        raise ApiError(400, "BadRequest", "Unable to read JSON request payload.")
    for name in body:
        if name not in _KIND.properties:
            raise _refused(f"The property '{name}' does not exist.", "BadRequest")
    for name in _REQUIRED:
        if not body.get(name):
            raise _refused(f"{name} is a required property.", "InvalidRequest")
    if len(body.get("clientState") or "") > _MOST_STATE:
        raise _refused("clientState is longer than 128 characters.")
    return body


def _permit(call: Call, resource: _Resource, kinds: str) -> None:
    if resource.permission not in call.caller.roles:
        text = "Operation: Create; Exception: [Status Code: Forbidden; Reason: Access denied]"
        raise ApiError(403, "ExtensionError", text)
    if not {kind.strip() for kind in kinds.split(",")} <= set(resource.kinds.split()):
        raise _refused(f"changeType '{kinds}' is not supported for this resource.")


def _expiry(call: Call, body: Entity, resource: _Resource) -> str:
    """The instant it ends: no sooner than in 45 minutes; raises ApiError 400 when it is too far."""
    wanted = _instant(body["expirationDateTime"])
    if wanted <= call.now:
        raise _refused("Subscription expiration must be in the future.")
    if wanted > call.now + timedelta(minutes=resource.minutes, seconds=60):
        text = f"Subscription expiration can only be {resource.minutes} minutes in the future."
        raise _refused(text)
    long = wanted > call.now + _WITHOUT_LIFECYCLE
    if resource.lifecycle and long and not body.get("lifecycleNotificationUrl"):
        raise _refused("lifecycleNotificationUrl is a required property for this subscription.")
    return stamp(max(wanted, call.now + _SHORTEST))


def _shake_hands(call: Call, url: object) -> None:
    if urlsplit(str(url)).scheme != "https":
        raise _refused("Notification URL must be an HTTPS endpoint.", "InvalidRequest")
    if not answers_handshake(str(url), call.ca_file):
        text = "Subscription validation request failed. Must respond with 200 OK to this request."
        raise _refused(text)


def _create(call: Call) -> Reply:
    body = _body(call)
    resource = _resource(body["resource"])
    _permit(call, resource, str(body["changeType"]))
    expires = _expiry(call, body, resource)
    held = _mine(call)
    if len(held) >= _PER_APP_AND_TENANT:
        text = f"Subscription limit of {_PER_APP_AND_TENANT} per app and tenant is reached."
        raise ApiError(403, "ExtensionError", text)
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        if body.get(name):
            _shake_hands(call, body[name])
    row = {
        **dict.fromkeys(sorted(_KIND.properties)),
        "id": str(uuid4()),
        "applicationId": call.caller.app_id,
        "latestSupportedTlsVersion": "v1_2",
        **body,
        "expirationDateTime": expires,
    }
    held[row["id"]] = row
    return _shown(call, row, 201)


def _shown(call: Call, row: Entity, status: int = 200) -> Reply:
    # The client state is told to the receiver alone.
    shown = {**row, "clientState": None}
    return json_reply({"@odata.context": context(call, "subscriptions/$entity"), **shown}, status)


def _find(call: Call) -> Entity:
    found = _mine(call).get(call.args["id"])
    if found is None:
        raise ApiError(404, "ResourceNotFound", "The object was not found.")
    return found


def _change(call: Call) -> Reply:
    row, body = _find(call), call.request.json()
    if not isinstance(body, dict) or not body or set(body) - _CHANGEABLE:
        raise _refused("Only expirationDateTime and notificationUrl can be changed.", "BadRequest")
    if "expirationDateTime" in body:
        resource = _resource(row["resource"])
        row["expirationDateTime"] = _expiry(call, {**row, **body}, resource)
    if "notificationUrl" in body:
        _shake_hands(call, body["notificationUrl"])
        row["notificationUrl"] = body["notificationUrl"]
    return _shown(call, row)


def _delete(call: Call) -> Reply:
    del _mine(call)[_find(call)["id"]]
    return Reply(204)


def _list(call: Call) -> Reply:
    rows = Listed([{**row, "clientState": None} for row in _mine(call).values()])
    options = read_options(call, _KIND, frozenset())
    return list_reply(call, rows, _KIND, "subscriptions", options=options)


LIMITS = {"subscriptions": (Limit(5_000, 20.0), Limit(10_000, 20.0, scope="Tenant"))}
_ONE = r"/subscriptions/(?P<id>[^/]+)"
ROUTES = (
    Route(r"/subscriptions", _list, (), budget="subscriptions"),
    Route(r"/subscriptions", _create, (), budget="subscriptions", methods=("POST",)),
    Route(_ONE, lambda call: _shown(call, _find(call)), (), budget="subscriptions"),
    Route(_ONE, _change, (), budget="subscriptions", methods=("PATCH",)),
    Route(_ONE, _delete, (), budget="subscriptions", methods=("DELETE",)),
)
