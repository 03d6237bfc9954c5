"""Identity Protection: risky users and risk detections; one request a second, a 429 without Retry-After.

Options and page sizes: the pages of both lists. The words that refuse a tenant without Entra ID P1 or P2
are general knowledge; so is that P1 hides levels and kinds.
"""

from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import ALL, read_options
from infra.local.sandbox.odata.pages import Listed, Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.risks import NEWER, Risks, veiled

_USERS, _DETECTIONS = "identityProtection/riskyUsers", "identityProtection/riskDetections"
_USER = plain_type(
    "riskyUser",
    "id isDeleted isProcessing riskLastUpdatedDateTime riskLevel riskState riskDetail "
    "userDisplayName userPrincipalName",
)
_DETECTION = plain_type(
    "riskDetection",
    "id requestId correlationId riskEventType riskState riskLevel riskDetail source "
    "detectionTimingType activity tokenIssuerType ipAddress location activityDateTime "
    "detectedDateTime lastUpdatedDateTime userId userDisplayName userPrincipalName additionalInfo",
)


def _of(tenant: Tenant) -> Risks:
    return Risks(tenant.seed, tenant.people, tenant.anchor)


def _users(call: Call) -> Reply:
    options = read_options(call, _USER, frozenset({"$select", "$filter", "$top"}))
    rows = [_now(call, row) for row in call.tenant.part(_of).users(call.now.timestamp())]
    return list_reply(
        call, Listed(rows), _USER, _USERS, options=options, paging=Paging(20, 500),
        shape=lambda row: evolved(call, row, NEWER),
    )  # fmt: skip


def _now(call: Call, row: Entity) -> Entity:
    """A risky user as he is called, and whether he is still there."""
    user = call.tenant.users.state(row["id"])
    names: Entity = {"isDeleted": user is None}
    if user is not None:
        names |= {
            "userDisplayName": user["displayName"],
            "userPrincipalName": user["userPrincipalName"],
        }
    if call.tenant.premium == "P1":
        names |= {"riskLevel": "hidden", "riskDetail": "hidden"}
    return {**row, **names}


def _detections(call: Call) -> Reply:
    options = read_options(call, _DETECTION, ALL - {"$expand", "$search", "$count"})
    rows = call.tenant.part(_of).detections(call.now.timestamp())
    if call.tenant.premium == "P1":
        rows = list(veiled(rows))
    return list_reply(
        call, Listed(rows), _DETECTION, _DETECTIONS, options=options, paging=Paging(20, 500),
        shape=lambda row: evolved(call, row, NEWER),
    )  # fmt: skip


def _licence(call: Call) -> None:
    if call.tenant.premium == "none":
        raise ApiError(403, "Forbidden", "Your tenant is not licensed for this feature.")


LOGS = {"risk_detections": _of}
PERMISSIONS = {"IdentityRiskEvent.Read.All": "6e472fd1-ad78-48da-a0f0-97ab2c6b769e"}
ROUTES = (
    Route(f"/{_USERS}", _users, ("IdentityRiskyUser.Read.All",), "conditional_access", licence=_licence),
    Route(f"/{_DETECTIONS}", _detections, tuple(PERMISSIONS), "conditional_access", licence=_licence),
)  # fmt: skip
