"""Sending mail: taken, never delivered; `sentItems` of the sender shows what was sent."""

from infra.local.sandbox.areas.users import find_user
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, list_reply
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant

_MESSAGE: EntityType = plain_type(
    "message",
    "id subject body bodyPreview toRecipients ccRecipients bccRecipients from sender importance "
    "hasAttachments sentDateTime createdDateTime internetMessageId isRead",
    collections="toRecipients ccRecipients bccRecipients",
)
_MOST_RECIPIENTS = 500
_RECIPIENTS = ("toRecipients", "ccRecipients", "bccRecipients")


def _sent_items(_tenant: Tenant) -> dict[str, list[Entity]]:
    """What was sent, by the sender's id, oldest first."""
    return {}


def _mailbox(call: Call) -> Entity:
    """The user, who has a mailbox; raises ApiError 404 as Exchange does for those without one."""
    user = find_user(call, call.args["id"])
    if not user.get("mail"):
        text = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise ApiError(404, "MailboxNotEnabledForRESTAPI", text)
    return user


def _send(call: Call) -> Reply:
    user = _mailbox(call)
    given = {name.lower(): value for name, value in call.request.json().items()}
    message = given.get("message")
    if not isinstance(message, dict):
        raise ApiError(400, "ErrorInvalidRequest", "The parameter 'Message' is required.")
    unknown = set(message) - _MESSAGE.properties - {"attachments", "internetMessageHeaders"}
    if unknown:
        text = f"The property '{min(unknown)}' does not exist on type 'microsoft.graph.message'."
        raise ApiError(400, "RequestBodyRead", text)
    to = [each for name in _RECIPIENTS for each in message.get(name) or ()]
    if not to:
        raise ApiError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    if len(to) > _MOST_RECIPIENTS:
        raise ApiError(400, "ErrorMessageSizeExceeded", "The message has too many recipients.")
    if given.get("savetosentitems", True):
        _keep(call, user, message)
    return Reply(202)


def _keep(call: Call, user: Entity, message: Entity) -> None:
    sent = call.tenant.part(_sent_items).setdefault(user["id"], [])
    address = {"emailAddress": {"name": user["displayName"], "address": user["mail"]}}
    number = len(sent) + 1
    sent.append(
        {
            "id": f"AAMk{user['id'].replace('-', '')}{number:08d}",
            "importance": "normal",
            "internetMessageId": f"<{number}.{user['id']}@{call.tenant.domain}>",
            "createdDateTime": stamp(call.now),
            "sentDateTime": stamp(call.now),
            "from": address,
            "sender": address,
            "hasAttachments": bool(message.get("attachments")),
            "isRead": True,
            **{name: value for name, value in message.items() if name in _MESSAGE.properties},
        }
    )


def _sent(call: Call) -> Reply:
    user = _mailbox(call)
    rows = Listed(list(reversed(call.tenant.part(_sent_items).get(user["id"], []))))
    fragment = f"users('{user['id']}')/mailFolders('sentitems')/messages"
    return list_reply(call, rows, _MESSAGE, fragment, options=read_options(call, _MESSAGE))


WRITING = {
    "Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
    "Mail.Read": "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
}
ROUTES = (
    Route(r"/users/(?P<id>[^/]+)/sendMail", _send, ("Mail.Send",), budget="", methods=("POST",)),
    Route(r"/users/(?P<id>[^/]+)/mailFolders/sentItems/messages", _sent, ("Mail.Read",), budget=""),
)
