"""Users: list, one user, change tracking; creating, changing and deleting them."""

from collections.abc import Iterator

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import ApiError, Reply, json_reply, not_licensed
from infra.local.sandbox.odata.bodies import location, read_body, refused, require
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import (
    ONE,
    Options,
    read_options,
    read_select,
    refuse_options,
)
from infra.local.sandbox.odata.pages import Paging, context, count_reply, list_reply, project
from infra.local.sandbox.odata.schema import USER
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity

_WRITE = ("User.ReadWrite.All",)
_READ = ("User.Read.All", "Directory.Read.All", *_WRITE)
_REQUIRED = (
    "accountEnabled",
    "displayName",
    "mailNickname",
    "userPrincipalName",
    "passwordProfile",
)
_READ_ONLY = frozenset(
    [
        "id",
        "assignedLicenses",
        "assignedPlans",
        "createdDateTime",
        "creationType",
        "deletedDateTime",
        "externalUserState",
        "lastPasswordChangeDateTime",
        "licenseAssignmentStates",
        "onPremisesLastSyncDateTime",
        "provisionedPlans",
        "onPremisesSyncEnabled",
        "proxyAddresses",
        "securityIdentifier",
        "signInActivity",
        "signInSessionsValidFromDateTime",
    ]
)
_NEVER_SET = dict.fromkeys(("birthday", "hireDate"), "0001-01-01T00:00:00Z")  # never null
_ACTIVITY_PAGE = 500  # the largest page once signInActivity is asked for


def find_user(call: Call, key: str) -> Entity:
    """A user by object id or user principal name; raises ApiError 404."""
    users = call.tenant.users
    state = users.state(key.lower()) if "@" not in key else None
    if state is None and "@" in key:
        index = call.tenant.people.index(key)
        state = users.state(call.tenant.people.guid(index)) if index is not None else None
        if state is None or state["userPrincipalName"].lower() != key.lower():
            changed = (users.state(changed) for changed in users.changed_ids)
            state = next(
                (u for u in changed if u and u["userPrincipalName"].lower() == key.lower()), None
            )
    if state is None:
        raise ApiError(
            404, "Request_ResourceNotFound",
            f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
        )  # fmt: skip
    return state


def _wants_activity(options: Options) -> bool:
    paths = options.filter.paths if options.filter else set()
    return "signInActivity" in (options.select or ()) or "signInActivity" in paths


def _permit_activity(call: Call) -> None:
    if "AuditLog.Read.All" not in call.caller.roles:
        raise ApiError(
            403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
        )
    if call.tenant.premium == "none":
        raise not_licensed()


def _list(call: Call) -> Reply:
    options = read_options(call, USER)
    users, activity = call.tenant.users, call.tenant.activity
    if not _wants_activity(options):
        paging = Paging(version=call.tenant.timeline.sequence)
        return list_reply(call, users, USER, "users", options=options, paging=paging)
    _permit_activity(call)
    return list_reply(
        call, _WithActivity(call, options), USER, "users", options=options,
        paging=Paging(maximum=_ACTIVITY_PAGE, version=len(activity.log) + call.tenant.timeline.sequence),
    )  # fmt: skip


class _WithActivity:
    """The users with their `signInActivity`.

    A request for nothing else is served without making the whole users.
    """

    def __init__(self, call: Call, options: Options) -> None:
        self._users = call.tenant.users
        self._activity = call.tenant.activity
        plain = options.predicate is None and not options.order
        self._alone = plain and set(options.select or ()) <= {"id", "signInActivity"}

    def __len__(self) -> int:
        return len(self._users)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The living users of a range of positions."""
        if self._alone:
            seeded = min(stop, self._users.size)
            for row in self._activity.rows(start, seeded):
                if not self._users.gone(row["id"]):
                    yield row
            start = max(start, self._users.size)
        for row in self._users.rows(start, stop):
            held = self._activity.state(row["id"])
            yield {**row, "signInActivity": held["signInActivity"] if held else None}


def _one(call: Call) -> Reply:
    user = find_user(call, call.args["id"])
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), USER, single=True)
    if select and "signInActivity" in select:
        _permit_activity(call)
        held = call.tenant.activity.state(user["id"])
        user = {**user, "signInActivity": held["signInActivity"] if held else None}
    found = project([{**_NEVER_SET, **user}], USER, select)[0]
    return json_reply({"@odata.context": context(call, "users", select) + "/$entity", **found})


def _delta(call: Call) -> Reply:
    return delta_reply(call, Tracked(call.tenant.users, USER, "users"))


def _count(call: Call) -> Reply:
    return count_reply(call, call.tenant.users, USER)


def _create(call: Call) -> Reply:
    body = read_body(call, USER, _READ_ONLY)
    require(body, _REQUIRED, "User")
    _require_own_name(call, body)
    if not (body.pop("passwordProfile") or {}).get("password"):
        raise refused("A password must be specified to create a new user.")
    tenant, now = call.tenant, stamp(call.now)
    user: Entity = {
        "id": tenant.people.guid(len(tenant.users)),
        "userType": "Member",
        "createdDateTime": now,
        "lastPasswordChangeDateTime": now,
        "signInSessionsValidFromDateTime": now,
        "businessPhones": [],
        **body,
    }
    call.changes.create("users", user)
    shown = project([user], USER, None)[0]
    reply = json_reply({"@odata.context": context(call, "users") + "/$entity", **shown}, 201)
    reply.headers.update(location(call, user["id"], "User"))
    return reply


def _require_own_name(call: Call, body: Entity) -> None:
    """The user principal name is of a domain of the tenant, and nobody else's."""
    name = str(body["userPrincipalName"])
    if name.partition("@")[2].lower() not in {row["id"].lower() for row in call.tenant.domains()}:
        raise refused("The domain portion of the userPrincipalName property is invalid.")
    try:
        find_user(call, name)
    except ApiError:
        return
    text = "Another object with the same value for property userPrincipalName already exists."
    raise refused(text)


def _change(call: Call) -> Reply:
    user = find_user(call, call.args["id"])
    body = read_body(call, USER, _READ_ONLY)
    if "userPrincipalName" in body:
        _require_own_name(call, body)
    body.pop("passwordProfile", None)
    call.changes.patch("users", user["id"], body)
    return Reply(204)


def _delete(call: Call) -> Reply:
    call.changes.delete("users", find_user(call, call.args["id"])["id"])
    return Reply(204)


WRITING = {"User.ReadWrite.All": "741f803b-c850-494e-b5df-cde7c675a1ca"}
ROUTES = (
    Route(r"/users", _create, _WRITE, methods=("POST",)),
    Route(r"/users/(?P<id>[^/]+)", _change, _WRITE, methods=("PATCH",)),
    Route(r"/users/(?P<id>[^/]+)", _delete, _WRITE, methods=("DELETE",)),
    Route(r"/users", _list, _READ, cost=2),
    Route(r"/users/(microsoft\.graph\.)?delta", _delta, _READ),
    Route(r"/users/\$count", _count, _READ),
    Route(r"/users/(?P<id>[^/]+)", _one, _READ),
)
