"""Rules of inboxes: what is done with mail as it arrives, forwarding it elsewhere among it."""

from random import Random

from infra.local.sandbox.areas.mailbox_settings import BUDGET, READ, find_mailbox, mailboxes_of
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection
from infra.local.sandbox.tenant.model import Tenant

_RULE = plain_type(
    "messageRule",
    "id actions conditions displayName exceptions hasError isEnabled isReadOnly sequence",
)
_MADE = ("folder", "folder", "outside", "redirect", "inside")


def _list(call: Call) -> Reply:
    options = read_options(call, _RULE, frozenset({"$select", "$top"}))
    user = find_mailbox(call)["id"]
    rules = call.tenant.part(mailboxes_of).of(user)
    shown = [{name: rule[name] for name in rule if name != "userId"} for rule in rules]
    fragment = f"users('{user}')/mailFolders('inbox')/messageRules"
    return list_reply(call, Listed(shown), _RULE, fragment, options=options)


def _rules_of(tenant: Tenant) -> Collection:
    return tenant.part(mailboxes_of).rules


def _change_rules(changes: Changes, dice: Random) -> str:
    """Somebody makes a rule, switches one on or off, or deletes one."""
    boxes = changes.tenant.part(mailboxes_of)
    place = dice.randrange(changes.tenant.people.count)
    for box in boxes.settings.rows(place, place + 1):
        rules, draw = boxes.of(box["id"]), dice.random()
        if not rules or draw < 0.4:
            key = f"AQAB{dice.getrandbits(64):016X}"
            rule = boxes.rule(
                box["id"], key, len(rules) + 1, dice.choice(_MADE), dice.randbytes(48)
            )
            return str(changes.create("inbox_rules", rule)["id"])
        rule = dice.choice(rules)
        if draw < 0.6:
            changes.delete("inbox_rules", rule["id"])
        else:
            changes.patch("inbox_rules", rule["id"], {"isEnabled": not rule["isEnabled"]})
        return str(rule["id"])
    return ""


COLLECTIONS = {"inbox_rules": _rules_of}
LIFE = (Happening("inbox rule", 0.08, _change_rules),)
ROUTES = (Route(r"/users/(?P<id>[^/]+)/mailFolders/inbox/messageRules", _list, READ, BUDGET),)
