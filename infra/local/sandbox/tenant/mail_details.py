"""What happened to a message on its way to a recipient, step by step.

Events: "Get-MessageTraceDetail" of Exchange PowerShell; letter case varies, and `data` looks like XML.
"""

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.mail import RECALLED, UNANSWERED, Fate

type _Step = tuple[
    float, str, str, str
]  # seconds after it was received, event, action, description

_SLOW = 300.0
_TRIED = (70.0, 200.0)
_TRIED_LONG = (70.0, 3_600.0, 43_200.0, 86_400.0)
_WAITS = "Reason: [{LED=450 4.4.316 Connection refused [Message=Socket error code 10061]}]"


def details(trace: Entity, fate: Fate, now: float) -> list[Entity]:
    """What `getDetailsByRecipient` answers of a trace at an instant (epoch seconds), oldest first."""
    received = datetime.fromisoformat(trace["receivedDateTime"]).timestamp()
    steps = [step for step in _steps(trace, fate) if received + step[0] <= now]
    return [_detail(trace, number, received, step) for number, step in enumerate(steps)]


def _steps(trace: Entity, fate: Fate) -> list[_Step]:
    server = f"Message received by: {trace['id'][:8].upper()}.prod.outlook.com"
    tried = () if fate.after <= _SLOW else _TRIED_LONG if fate.after == UNANSWERED else _TRIED
    return [
        (0.0, "RECEIVE" if fate.after % 5 == 0 else "Receive", "", server),
        *((after, "Defer", "", _WAITS) for after in tried),
        *_end(trace, fate),
    ]


def _end(trace: Entity, fate: Fate) -> list[_Step]:
    after, to = fate.after, trace["recipientAddress"]
    arrived = f"The message was successfully delivered to {to}."
    match fate.status:
        case "failed" if after == UNANSWERED:
            return [(after, "Fail", "", f"Reason: [{{LED=550 4.4.7 QUEUE.Expired; {to}}}]")]
        case "failed":
            return [(after, "Fail", "", f"Reason: [{{LED=550 5.1.1 User unknown; {to}}}]")]
        case "quarantined":
            return [(after, "Spam", "Quarantine", "The message was sent to the quarantine.")]
        case "filteredAsSpam":
            junk = (after + 1, "Deliver", "MoveToJmf", "Delivered to the folder Junk Email.")
            return [(after, "Spam", "MoveToJmf", "The message was marked as spam."), junk]
        case "expanded":
            return [(after, "Expand", "", "The message was expanded to the members of the group.")]
        case status:
            event = "Send external" if trace["toIP"] else "Deliver"
            recalled = [(RECALLED, "Recall", "", "The sender took the message back.")]
            return [(after, event, "", arrived), *(recalled if status == "recalled" else [])]


def _detail(trace: Entity, number: int, received: float, step: _Step) -> Entity:
    after, event, action, description = step
    named = f"{trace['id']}/{trace['recipientAddress']}/{after}/{event}".encode()
    sent = f'<root><MEP Name="ReturnPath" String="{trace["senderAddress"]}"/>'
    return {
        "id": str(UUID(bytes=blake2b(named, digest_size=16).digest(), version=4)),
        "messageId": trace["messageId"],
        "dateTime": precise(received + after),
        "event": event,
        "action": action or None,
        "description": description,
        "data": f'{sent}<MEP Name="SequenceNumber" Integer="{number}"/></root>',
    }
