"""Which groups somebody is in, by whatever way: the action `getMemberObjects` of users and apps."""

from typing import Any

from infra.local.sandbox.areas.service_principals import principals
from infra.local.sandbox.areas.users import find_user
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.bodies import refused
from infra.local.sandbox.odata.pages import context
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.model import Tenant

_MOST_IN_TOKEN = 200
_READ = ("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")


def groups_around(tenant: Tenant, key: str) -> list[str]:
    """The ids of the groups that contain `key`, directly or by a group within them; sorted."""
    found: set[str] = set()
    ahead = [key]
    while ahead:
        fresh = set(tenant.memberships.groups_of(ahead.pop())) - found
        found |= fresh
        ahead.extend(fresh)
    return sorted(found)


def groups_claims(tenant: Tenant, key: str) -> dict[str, Any]:
    """What Entra writes into a token of `key` about groups: their ids, or where to ask for them.

    The address is that of a Graph that is no more, as in Entra's own tokens.
    https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference#groups-overage-claim
    """
    groups = groups_around(tenant, key)
    if len(groups) <= _MOST_IN_TOKEN:
        return {"groups": groups}
    address = f"https://graph.windows.net/{tenant.tenant_id}/users/{key}/getMemberObjects"
    return {
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": address}},
    }


def _answer(call: Call, key: str) -> Reply:
    body = call.request.json()
    if not isinstance(body, dict) or not isinstance(body.get("securityEnabledOnly"), bool):
        raise refused("The parameter securityEnabledOnly is missing or no Edm.Boolean.")
    states = ((group, call.tenant.groups.state(group)) for group in groups_around(call.tenant, key))
    only = body["securityEnabledOnly"]
    value = [group for group, state in states if state and (state["securityEnabled"] or not only)]
    return json_reply({"@odata.context": context(call, "Collection(Edm.String)"), "value": value})


def _of_user(call: Call) -> Reply:
    return _answer(call, find_user(call, call.args["id"])["id"])


def _of_app(call: Call) -> Reply:
    key = call.args["id"].lower()
    if principals(call.tenant).state(key) is None:
        text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        raise ApiError(404, "Request_ResourceNotFound", text)
    return _answer(call, key)


_ACTION = r"/(?P<id>[^/()]+)/(microsoft\.graph\.)?getMemberObjects"
ROUTES = (
    Route(rf"/users{_ACTION}", _of_user, _READ, methods=("POST",)),
    Route(rf"/servicePrincipals{_ACTION}", _of_app, _READ, methods=("POST",)),
)
