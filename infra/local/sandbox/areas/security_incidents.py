"""Security incidents: no `$select`, fifty a page; poll what changed since.

Refusals as of alerts (areas/security_alerts.py). Pages of fifty: general knowledge, not documented.
"""

from functools import partial

from infra.local.sandbox.areas import security_alerts
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import read_options, refuse_options
from infra.local.sandbox.odata.pages import Paging, context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.incidents import NEWER, Incidents
from infra.local.sandbox.tenant.model import Tenant

_PATH = "security/incidents"
_INCIDENT = plain_type(
    "security.incident",
    "assignedTo classification createdDateTime determination lastUpdateDateTime severity status",
)


def _of(tenant: Tenant) -> Incidents:
    return Incidents(tenant.seed, tenant.part(security_alerts.of_tenant), tenant.tenant_id)


def _list(call: Call) -> Reply:
    options = read_options(call, _INCIDENT, frozenset({"$count", "$filter", "$skip", "$top"}))
    since = security_alerts.changed_since(options)
    return list_reply(
        call, call.tenant.part(_of).since(call.now.timestamp(), since), _INCIDENT, _PATH,
        options=options, paging=Paging(50, 50, by_skip=True),
        shape=lambda incident: evolved(call, incident, NEWER),
    )  # fmt: skip


def _one(call: Call) -> Reply:
    refuse_options(call.query, frozenset())
    incident = call.tenant.part(_of).find(call.args["id"], call.now.timestamp())
    if incident is None:
        raise ApiError(404, "NotFound", "The incident does not exist.")
    found = evolved(call, incident, NEWER)
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity"), **found})


LOGS = {"security_incidents": _of}
PERMISSIONS = {"SecurityIncident.Read.All": "45cc0394-e837-488b-a098-1918f48d186c"}
_READ = tuple(PERMISSIONS)
_ROUTE = partial(
    Route,
    permissions=_READ,
    budget="security",
    licence=security_alerts.licence,
    refusal=security_alerts.not_permitted,
)
ROUTES = (_ROUTE(f"/{_PATH}", _list), _ROUTE(f"/{_PATH}/(?P<id>[^/]+)", _one))
