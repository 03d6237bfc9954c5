"""Settings of mailboxes. Who has no mailbox is answered in two ways, both of them 404.

Codes: issues of microsoftgraph/microsoft-graph-docs-contrib and msgraph-sdk-powershell that quote them.
"""

from random import Random

from infra.local.sandbox.areas.users import find_user
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import read_select, refuse_options
from infra.local.sandbox.odata.pages import context, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.mailboxes import Mailboxes
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE = "exchange"
BUDGET = "outlook"
_SETTINGS = plain_type(
    "mailboxSettings",
    "archiveFolder automaticRepliesSetting dateFormat delegateMeetingMessageDeliveryOptions language "
    "timeFormat timeZone userPurpose workingHours",
)


def mailboxes_of(tenant: Tenant) -> Mailboxes:
    """The mailboxes of a tenant; ask for them by `tenant.part`."""
    return Mailboxes(tenant.seed, tenant.people, tenant.anchor, tenant.timeline)


def find_mailbox(call: Call) -> Entity:
    """The settings of the mailbox that the path names; raises ApiError 404 if there is none."""
    user, boxes = find_user(call, call.args["id"]), call.tenant.part(mailboxes_of)
    found = boxes.settings.state(user["id"])
    if found is not None and SERVICE not in call.tenant.not_bought:
        return found
    index = call.tenant.people.index(user["id"])
    if index is None or boxes.discovered(index):
        text = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise ApiError(404, "MailboxNotEnabledForRESTAPI", text)
    raise ApiError(404, "ResourceNotFound", "Resource could not be discovered.")


def _show(call: Call) -> Reply:
    found = find_mailbox(call)
    refuse_options(call.query, frozenset({"$select"}))
    select = read_select(call.query.get("$select"), _SETTINGS)
    told = {name: value for name, value in found.items() if name != "id"}
    shown = project([told], _SETTINGS, select)[0]
    fragment = f"users('{found['id']}')/mailboxSettings"
    return json_reply({"@odata.context": context(call, fragment, select), **shown})


def _settings_of(tenant: Tenant) -> Collection:
    return tenant.part(mailboxes_of).settings


def _go_on_holiday(changes: Changes, dice: Random) -> str:
    """Somebody switches automatic replies on or off."""
    boxes = changes.tenant.part(mailboxes_of)
    place = dice.randrange(changes.tenant.people.count)
    for box in boxes.settings.rows(place, place + 1):
        off = box["automaticRepliesSetting"]["status"] != "disabled"
        status = "disabled" if off else dice.choice(("alwaysEnabled", "scheduled"))
        replies = boxes.replies(status, dice.choice(("none", "contactsOnly", "all")))
        changes.patch("mailbox_settings", box["id"], {"automaticRepliesSetting": replies})
        return str(box["id"])
    return ""


COLLECTIONS = {"mailbox_settings": _settings_of}
LIFE = (Happening("automatic replies", 0.1, _go_on_holiday),)
# 10,000 in ten minutes are those of one mailbox.
LIMITS = {BUDGET: (Limit(100_000, 600.0),)}
PERMISSIONS = {"MailboxSettings.Read": "40f97065-369a-49f4-947c-6a255697ae91"}
READ = tuple(PERMISSIONS)
ROUTES = (Route(r"/users/(?P<id>[^/]+)/mailboxSettings", _show, READ, BUDGET),)
