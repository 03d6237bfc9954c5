"""Mailboxes of people: who has one, its settings, and the rules of its inbox.

Computed from the index of a user; ids of rules can be read back.
"""

from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.people import Kind, People
from infra.local.sandbox.tenant.timeline import Timeline

SLOTS = 4  # places for rules of a mailbox
_ZONES = ("Tokyo Standard Time", "Tokyo Standard Time", "Pacific Standard Time", "UTC")
_AUDIENCES = ("none", "contactsOnly", "all")
# Of each hundred users these have a rule as an investigation looks for it.
_STRIKING = {
    6: "outside", 7: "outside disabled", 8: "x500", 9: "error", 10: "redirect", 11: "inside",
    12: "attachment",
}  # fmt: skip


class Mailboxes:
    """Makes the settings and rules of mailboxes; `settings` and `rules` keep what changes."""

    def __init__(self, seed: int, people: People, anchor: int, timeline: Timeline) -> None:
        self.people = people
        self._anchor = anchor
        self._dice = Dice(seed, "mailbox")
        self._rule_dice = Dice(seed, "inbox rule")
        self.settings = Collection(
            "mailbox_settings", timeline, people.count, self._settings, people.index
        )
        self.rules = Collection(
            "inbox_rules", timeline, people.count * SLOTS, self._rule, self._position
        )

    def has(self, index: int) -> bool:
        """Whether a user has a mailbox that answers; of those who should three in a hundred have none."""
        roll = self.people.roll(index)
        plans = {plan for part in self.people.parts(index, roll) for plan in PRODUCTS[part][1]}
        should = self.people.kind(index, roll) is Kind.SHARED or any(
            plan.startswith("EXCHANGE") for plan in plans
        )
        return should and self._dice.roll(index)[0] >= 8

    def discovered(self, index: int) -> bool:
        """Whether Exchange has heard at all of a user without a mailbox."""
        return self._dice.roll(index)[1] < 128

    # ---- settings

    def _settings(self, index: int) -> Entity | None:
        if not self.has(index):
            return None
        roll = self._dice.roll(index)
        japanese = roll[3] < 180
        return {
            "id": self.people.guid(index),
            "archiveFolder": f"AQMkAD{roll[4:20].hex()}" if roll[20] < 120 else None,
            "timeZone": _ZONES[roll[5] % len(_ZONES)],
            "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
            "dateFormat": "yyyy/MM/dd",
            "timeFormat": "H:mm",
            "userPurpose": self._purpose(index, roll),
            "automaticRepliesSetting": self.replies(
                ("disabled", "disabled", "disabled", "alwaysEnabled", "scheduled")[roll[6] % 5],
                _AUDIENCES[roll[7] % 3],
            ),
            "language": {
                "locale": "ja-JP" if japanese else "en-US",
                "displayName": "日本語 (日本)" if japanese else "English (United States)",
            },
        }

    def _purpose(self, index: int, roll: bytes) -> str:
        if self.people.kind(index) is Kind.SHARED:
            return ("shared", "room", "equipment", "shared")[roll[2] % 4]
        return "linked" if roll[2] < 5 else "user"

    def replies(self, status: str, audience: str) -> Entity:
        """A setting of automatic replies."""
        start, end = (
            {"dateTime": precise(self._anchor + days * DAY).rstrip("Z"), "timeZone": "UTC"}
            for days in (1, 8)
        )
        text = "" if status == "disabled" else "<html><body>休暇中です。</body></html>"
        return {
            "status": status,
            "externalAudience": audience,
            "internalReplyMessage": text,
            "externalReplyMessage": text if audience != "none" else "",
            "scheduledStartDateTime": start,
            "scheduledEndDateTime": end,
        }

    # ---- rules

    def of(self, user: str) -> list[Entity]:
        """The rules of a user's inbox in the order in which they run."""
        index = self.people.index(user)
        first = 0 if index is None else index * SLOTS
        seeded = [] if index is None else [*self.rules.rows(first, first + SLOTS)]
        made = self.rules.rows(self.rules.size, len(self.rules))
        found = [*seeded, *(rule for rule in made if rule["userId"] == user)]
        return sorted(found, key=lambda rule: int(rule["sequence"]))

    def _position(self, key: str) -> int | None:
        return self._rule_dice.index(key.removeprefix("AQAA")) if key[:4] == "AQAA" else None

    def _rule(self, position: int) -> Entity | None:
        index, number = divmod(position, SLOTS)
        roll = self._rule_dice.roll(position)
        striking = _STRIKING.get(index % 100) if number == 0 else None
        if not self.has(index) or (striking is None and roll[0] >= 60):
            return None
        return self.rule(self.people.guid(index), f"AQAA{self._rule_dice.guid(position)}",
                         number + 1, striking or "folder", roll)  # fmt: skip

    def rule(self, user: str, key: str, sequence: int, kind: str, roll: bytes) -> Entity:
        """A rule of a user: `kind` says what is striking about it, `folder` that nothing is."""
        project = names.PROJECTS[roll[1] % len(names.PROJECTS)]
        return {
            "id": key,
            "userId": user,
            "displayName": project if kind == "folder" else ".",
            "sequence": sequence,
            "isEnabled": kind != "outside disabled" and not (kind == "folder" and roll[2] < 20),
            "hasError": kind == "error",
            "isReadOnly": kind == "folder" and roll[3] < 10,
            "conditions": {"subjectContains": [project]} if roll[4] < 200 else None,
            "actions": {**self._actions(kind, roll), "stopProcessingRules": roll[5] < 128},
            "exceptions": {"senderContains": ["boss"]} if roll[6] < 20 else None,
        }

    def _actions(self, kind: str, roll: bytes) -> Entity:
        partner = names.PARTNERS[roll[7] % len(names.PARTNERS)]
        outside = [_recipient("me", f"private.{roll[8]}@{partner}")]
        inside = [_recipient("Team", f"team{roll[8]}@{self.people.domain}")]
        match kind:
            case "redirect":
                return {"redirectTo": outside, "delete": True}
            case "attachment":
                return {"forwardAsAttachmentTo": outside}
            case "inside":
                return {"forwardTo": inside}
            case "x500":
                return {"forwardTo": [_recipient("Sato", "/o=ExchangeLabs/ou=Exchange/cn=Sato")]}
            case "folder":
                return {"moveToFolder": f"AQMkAD{roll[9:25].hex()}", "markAsRead": True}
            case _:
                return {"forwardTo": [*inside, *outside]}


def _recipient(name: str, address: str) -> Entity:
    return {"emailAddress": {"name": name, "address": address}}
