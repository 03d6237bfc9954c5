"""Security alerts (`alerts_v2`): no `$select`, no `$orderby`; poll what changed since.

Refusals: issues that quote them. What a tenant without any Defender gets is not documented; a
refusal that names the licence is the sandbox's guess.
"""

from collections.abc import Iterator
from datetime import datetime

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import Options, bad_request, read_options, refuse_options
from infra.local.sandbox.odata.pages import Paging, Source, context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.alerts import NEWER, Alerts
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE = "defender"
_PATH = "security/alerts_v2"
_FILTERED = (
    "assignedTo classification determination createdDateTime lastUpdateDateTime severity "
    "serviceSource status"
)
_ALERT = plain_type("security.alert", _FILTERED)


def of_tenant(tenant: Tenant) -> Alerts:
    """The alerts of a tenant."""
    return Alerts(tenant.seed, tenant.people, tenant.anchor, tenant.tenant_id)


class _Behind:
    """The rows behind those that `$skip` leaves out."""

    def __init__(self, whole: Source, skip: int) -> None:
        self._whole = whole
        self._skip = skip

    def __len__(self) -> int:
        return max(0, len(self._whole) - self._skip)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The rows of a range of positions."""
        return self._whole.rows(start + self._skip, stop + self._skip)


def changed_since(options: Options) -> float:
    """The lower bound that `$filter` puts on the last change, 0 without one (epoch seconds)."""
    wanted = options.filter
    if wanted is None or wanted.features & {"or", "not"}:
        return 0.0
    bounds = [
        datetime.fromisoformat(literal if "T" in literal else f"{literal}T00:00:00Z").timestamp()
        for name, operator, literal in wanted.bounds
        if name == "lastUpdateDateTime" and operator in ("ge", "gt", "eq")
    ]
    return max(bounds, default=0.0)


def _list(call: Call) -> Reply:
    options = read_options(call, _ALERT, frozenset({"$count", "$filter", "$skip", "$top"}))
    skip = call.query.get("$skip", "0")
    if not skip.isdigit():
        raise bad_request(f"Invalid value '{skip}' for $skip query option found.")
    held = call.tenant.part(of_tenant).since(call.now.timestamp(), changed_since(options))
    source = held if skip == "0" else _Behind(held, int(skip))
    return list_reply(
        call, source, _ALERT, _PATH, options=options, paging=Paging(100, 2_000),
        shape=lambda alert: evolved(call, alert, NEWER),
    )  # fmt: skip


def _one(call: Call) -> Reply:
    refuse_options(call.query, frozenset())
    alert = call.tenant.part(of_tenant).find(call.args["id"], call.now.timestamp())
    if alert is None:
        raise ApiError(404, "NotFound", "The alert does not exist.")
    found = evolved(call, alert, NEWER)
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity"), **found})


def licence(call: Call) -> None:
    """Raise ApiError 403 in a tenant that has no Defender."""
    if SERVICE in call.tenant.not_bought:
        raise ApiError(403, "Forbidden", "The tenant has no license for Microsoft Defender XDR.")


def not_permitted(call: Call, permissions: tuple[str, ...]) -> ApiError:
    """How the security services refuse an application that lacks the roles."""
    held = ",".join(sorted(call.caller.roles))
    text = f"Missing application roles. API required roles: {','.join(permissions)}, application roles: {held}."
    return ApiError(403, "Forbidden", text)


LOGS = {"security_alerts": of_tenant}
LIMITS = {"security": (Limit(150, 60.0),)}
PERMISSIONS = {"SecurityAlert.Read.All": "472e4a4d-bb4a-4026-98d1-0b0d74cb74a5"}
_READ = tuple(PERMISSIONS)
ROUTES = (
    Route(f"/{_PATH}", _list, _READ, "security", licence=licence, refusal=not_permitted),
    Route(
        f"/{_PATH}/(?P<id>[^/]+)", _one, _READ, "security", licence=licence, refusal=not_permitted
    ),
)
