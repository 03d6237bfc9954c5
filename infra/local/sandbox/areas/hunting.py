"""Advanced hunting: as much of KQL as mail is asked about with.

A table, bounds of `Timestamp`, a condition on threats, `extend` of a text, then `project` or
`summarize` by day; anything else is refused. Limits and answers: "security: runHuntingQuery"; that a
tenant without the plan does not know the tables, and the words of it: the portal's.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.sandbox.areas.analyzed_emails import SERVICE, threats_of
from infra.local.sandbox.areas.security_alerts import not_permitted
from infra.local.sandbox.messages import Reply, json_reply
from infra.local.sandbox.odata.options import bad_request
from infra.local.sandbox.odata.pages import context
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.threats import ZAPPED_AFTER, Found
from infra.local.sandbox.throttling import Limit

MOST = 100_000
_KEPT = timedelta(days=30)
_BOUND = re.compile(
    r"Timestamp\s*(?P<operator>>=|<)\s*(?:(?P<day>startofday)\()?datetime\((?P<at>[^)]+)\)\)?"
    r"(?:\s*-\s*(?P<back>\d+)d)?"
)
_DID = {"Junked": "Move message to junk mail folder", "Blocked": "Send to quarantine"}


def _run(call: Call) -> Reply:
    asked = call.request.json()
    query = {name.lower(): value for name, value in asked.items()}.get("query") if isinstance(asked, dict) else None  # fmt: skip
    if not isinstance(query, str):
        raise bad_request("The query is missing.")
    name, *steps = (part.strip() for part in query.split("|"))
    known = {"EmailEvents": _events, "EmailPostDeliveryEvents": _post_delivery}
    if name not in known or SERVICE in call.tenant.not_bought:
        raise bad_request(f"'where' operator: Failed to resolve table or column expression named '{name}'")  # fmt: skip
    low, high = _bounds(call, steps)
    now = call.now.timestamp()
    found = call.tenant.part(threats_of).between(low - 2 * ZAPPED_AFTER, high, now)
    rows = [row for row in known[name](found, now) if low <= _at(row) < high]
    for step in steps:
        rows = _stepped(rows, step)
    kinds = {key: _kind(value) for row in rows[:1] for key, value in row.items()}
    schema = [{"name": key, "type": kind} for key, kind in kinds.items()]
    fragment = "microsoft.graph.security.huntingQueryResults"
    head = {"@odata.context": context(call, fragment)}
    return json_reply({**head, "schema": schema, "results": rows[:MOST]})


def _at(row: Entity) -> float:
    return datetime.fromisoformat(row["Timestamp"]).timestamp()


def _kind(value: object) -> str:
    return "Int64" if isinstance(value, int) else "String"


def _bounds(call: Call, steps: Iterable[str]) -> tuple[float, float]:
    """Between which instants it is asked, within what is kept (epoch seconds)."""
    low, high = (call.now - _KEPT).timestamp(), call.now.timestamp()
    for found in _BOUND.finditer(" ".join(steps)):
        at = datetime.fromisoformat(found["at"]).astimezone(UTC)
        if found["day"]:
            at = at.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = (at - timedelta(days=int(found["back"] or 0))).timestamp()
        low, high = (max(low, moment), high) if found["operator"] == ">=" else (low, min(high, moment))  # fmt: skip
    return low, high


def _stepped(rows: list[Entity], step: str) -> list[Entity]:
    """Do one step of a query."""
    verb, _, rest = step.partition(" ")
    match verb:
        case "where" if "isnotempty(ThreatTypes)" in rest:
            caught = ("Junked", "Blocked", "Replaced")
            return [r for r in rows if r["ThreatTypes"] or r["DeliveryAction"] in caught]
        case "where" if rest.startswith("Timestamp"):
            return rows
        case "extend" if (name := re.match(r"(\w+) = tostring\((\w+)\)", rest)) is not None:
            return [{**row, name[1]: row[name[2]]} for row in rows]
        case "extend" if "coalesce(ThreatTypes" in rest:
            return [{**row, "Threat": row["ThreatTypes"] or "none"} for row in rows]
        case "project":
            return [{name: row[name] for name in re.split(r",\s*", rest)} for row in rows]
        case "summarize":
            return _by_day(rows)
        case "take":
            return rows[: int(rest)]
    raise bad_request(f"Syntax error: '{verb}' is not served here.")


def _by_day(rows: list[Entity]) -> list[Entity]:
    names = ("EmailDirection", "DeliveryAction", "DeliveryLocation", "Threat")
    groups: defaultdict[tuple[str, ...], list[Entity]] = defaultdict(list)
    for row in rows:
        day = f"{row['Timestamp'][:10]}T00:00:00Z"
        groups[day, *(row[name] for name in names)].append(row)
    return [
        {
            "Messages": len(held),
            "Recipients": len({row["RecipientEmailAddress"] for row in held}),
            "Senders": len({row["SenderFromAddress"] for row in held}),
            "Day": key[0],
            **dict(zip(names, key[1:], strict=True)),
        }
        for key, held in groups.items()
    ]


def _events(found: list[Found], now: float) -> list[Entity]:
    """The table EmailEvents. What was taken back later had no threat when it came."""
    return [_event(one, back=one.received + ZAPPED_AFTER <= now) for one in found]


def _event(found: Found, *, back: bool) -> Entity:
    trace, threats = found.trace, "" if found.zapped else found.threats
    sender = trace["senderAddress"]
    told: dict[str, Any] = {
        "Timestamp": trace["receivedDateTime"],
        "NetworkMessageId": trace["id"],
        "InternetMessageId": trace["messageId"],
        "RecipientEmailAddress": trace["recipientAddress"],
        "SenderFromAddress": sender,
        "SenderMailFromAddress": sender,
        "SenderFromDomain": sender.rpartition("@")[2],
        "SenderIPv4": trace["fromIP"],
        "Subject": trace["subject"] or "",
        "EmailDirection": "Inbound",
        "DeliveryAction": found.action,
        "DeliveryLocation": found.location,
        "LatestDeliveryLocation": "Quarantine" if found.zapped and back else found.location,
        "ThreatTypes": threats,
        "ThreatNames": "",
        "DetectionMethods": f'{{"{threats.split(", ")[0]}":["{found.method}"]}}' if threats else "",
        "ConfidenceLevel": f'{{"Spam":"{found.scl}"}}' if "Spam" in threats else '{"Phish":"High"}' if "Phish" in threats else "",
        "BulkComplaintLevel": found.bcl,
        "EmailAction": _DID.get(found.action, ""),
        "EmailActionPolicy": "Anti-spam" if found.action in _DID else "",
        "OrgLevelAction": "",
        "UserLevelAction": "",
        "Connectors": found.connector or "",
        "AuthenticationDetails": '{"SPF":"pass","DKIM":"none","DMARC":"none"}',
    }  # fmt: skip
    return told


def _post_delivery(found: list[Found], now: float) -> list[Entity]:
    """The table EmailPostDeliveryEvents."""
    return [
        {
            "Timestamp": precise(one.received + ZAPPED_AFTER),
            "NetworkMessageId": one.trace["id"],
            "RecipientEmailAddress": one.trace["recipientAddress"],
            "Action": "Moved to quarantine",
            "ActionType": "Phish ZAP",
            "ActionTrigger": "AutomaticAction",
            "ActionResult": "Success",
            "DeliveryLocation": "Quarantine",
            "ThreatTypes": one.threats,
        }
        for one in found
        if one.zapped and one.received + ZAPPED_AFTER <= now
    ]


LIMITS = {"hunting": (Limit(45, 60.0),)}
PERMISSIONS = {"ThreatHunting.Read.All": "dd98c7f5-2d42-42d3-a0e4-633161547251"}
ROUTES = (
    Route(
        "/security/runHuntingQuery",
        _run,
        tuple(PERMISSIONS),
        "hunting",
        refusal=not_permitted,
        methods=("POST",),
    ),
)
