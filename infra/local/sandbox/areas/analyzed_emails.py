"""Analyzed emails: what Defender for Office 365 found out, between two options of its own.

Page: "List analyzedEmails". What a tenant without the plan gets is not documented; a refusal that
names the licence is the sandbox's guess.
"""

from datetime import UTC, datetime
from hashlib import blake2b

from infra.local.sandbox.areas.message_traces import mail_of
from infra.local.sandbox.areas.security_alerts import not_permitted
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.options import bad_request, read_options
from infra.local.sandbox.odata.pages import Listed, Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.threats import ZAPPED_AFTER, Found, Threats

SERVICE = "defender_office"
_PATH = "security/collaboration/analyzedEmails"
_EMAIL = plain_type("security.analyzedEmail", "id loggedDateTime")
_PLACES = {"Junk folder": "junkFolder", "Quarantine": "quarantine", "Inbox/folder": "inbox_folder"}
_ACTIONS = {"Junked": "deliveredToJunk", "Blocked": "blocked", "Delivered": "delivered"}
_DID = {"Junked": "Move message to junk mail folder", "Blocked": "Send to quarantine"}
# In the words of the portal; which ones Graph has is not documented.
_OVERRIDES = {"0": "Allowed by organization policy", "1": "Allowed by user policy"}
_A_WEEK = 7 * 86_400.0


def threats_of(tenant: Tenant) -> Threats:
    """What is found out about the mail of a tenant; ask for it by `tenant.part`."""
    return Threats(tenant.part(mail_of))


def licence(call: Call) -> None:
    """Raise ApiError 403 in a tenant that has not bought the plan."""
    if SERVICE in call.tenant.not_bought:
        raise ApiError(403, "Forbidden", "The tenant has no license for Microsoft Defender for Office 365.")  # fmt: skip


def _list(call: Call) -> Reply:
    options = read_options(call, _EMAIL, frozenset({"$top"}))
    now = call.now.timestamp()
    low, high = _bound(call, "startTime", now - _A_WEEK), _bound(call, "endTime", now)
    found = call.tenant.part(threats_of).between(low, high, now)
    rows = [_shown(one, now) for one in found if low <= one.received < high]
    return list_reply(call, Listed(rows), _EMAIL, _PATH, options=options, paging=Paging(100, 1_000))


def _bound(call: Call, name: str, otherwise: float) -> float:
    text = call.query.get(name)
    if text is None:
        return otherwise
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"Invalid value '{text}' for '{name}'.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _shown(found: Found, now: float) -> Entity:
    trace, threats = found.trace, [name.lower() for name in found.threats.split(", ") if name]
    first = {"action": _ACTIONS[found.action], "location": _PLACES[found.location]}
    back = found.zapped and found.received + ZAPPED_AFTER <= now
    told = threats if threats and (back or not found.zapped) else ["none"]
    latest = {"action": "blocked", "location": "quarantine"} if back else first
    own = blake2b(f"{trace['id']}/{trace['recipientAddress']}".encode(), digest_size=8).hexdigest()
    return {
        # How an id is made is not documented; here it names nobody.
        "id": f"{trace['id']}-{own}",
        "loggedDateTime": trace["receivedDateTime"],
        "networkMessageId": trace["id"],
        "internetMessageId": trace["messageId"],
        "recipientEmailAddress": trace["recipientAddress"],
        "senderDetail": _sender(trace),
        "subject": trace["subject"],
        "directionality": "inbound",
        "originalDelivery": first,
        "latestDelivery": latest,
        "threatTypes": told,
        "detectionMethods": [found.method] if found.method and told != ["none"] else [],
        "spamConfidenceLevel": str(found.scl),
        "phishConfidenceLevel": "High" if "phish" in told else None,
        "bulkComplaintLevel": str(found.bcl),
        "policy": "Default" if found.action in _DID else None,
        "policyType": "Anti-spam inbound" if found.action in _DID else None,
        "policyAction": _DID.get(found.action),
        "primaryOverrideSource": _OVERRIDES.get(own[-1]) if told == ["none"] else None,
        "inboundConnectorFormattedName": found.connector,
        # Of what a mailbox sends on: the address behind it.
        "forwardingDetail": "smtp:private@webmail.example" if own[:1] == "f" else None,
        "exchangeTransportRules": [],
        "timelineEvents": [_taken_back(found)] if back else [],
        "sizeInBytes": trace["size"],
    }


def _sender(trace: Entity) -> Entity:
    address = trace["senderAddress"]
    return {
        "fromAddress": address,
        "mailFromAddress": address,
        "displayName": None,
        "ipv4": trace["fromIP"],
    }


def _taken_back(found: Found) -> Entity:
    return {
        "eventDateTime": precise(found.received + ZAPPED_AFTER),
        "eventType": "zap",
        "eventSource": "system",
        "eventResult": "Success",
        "eventThreats": ["Phish"],
        "eventDetails": "Moved to quarantine",
    }


PERMISSIONS = {"SecurityAnalyzedMessage.Read.All": "b48f7ac2-044d-4281-b02f-75db744d6f5f"}
ROUTES = (
    Route(
        f"/{_PATH}", _list, tuple(PERMISSIONS), "security", licence=licence, refusal=not_permitted
    ),
)
