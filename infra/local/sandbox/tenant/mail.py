"""Mail that went in, out and through: messages at a steady pace, each with its recipients.

A trace appears some minutes after its message, and what became of the message is found out in
steps.
"""

from datetime import datetime
from typing import NamedTuple

from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.people import Kind, People
from infra.local.sandbox.tenant.told import Pace, Told

KEPT_DAYS = 90  # "List message traces": how far back
_SEEDED_DAYS = 100
_PER_PERSON, _LEAST, _MOST = 2, 100, 2_000  # messages a day
_CROWD = 40
_HOUR = 3_600
UNANSWERED = 48.0 * _HOUR  # until Exchange gives up
RECALLED = 3.0 * _HOUR
_SUBJECTS = (
    "【共有】週次ミーティング議事録", "Re: Invoice 2026-0417", "見積書の件", "Your parcel is on its way",
    "Quarterly numbers", "お問い合わせありがとうございます", "Fwd: travel plans", "システムメンテナンスのお知らせ",
)  # fmt: skip
_ODD_SUBJECTS = (
    None,
    "🎉 おめでとうございます 🎉",
    "=cmd|' /C calc'!A0",
    '+SUM(1,2) "quoted", comma',
    "",
)


class Fate(NamedTuple):
    """What becomes of a message at one recipient, and how many seconds after it was received."""

    status: str
    after: float


class Message(NamedTuple):
    """What all recipients of a message share."""

    number: int
    roll: bytes
    inbound: bool
    outbound: bool
    sender: str


class Mail:
    """Makes the traces of a tenant at any instant; what an administrator tells of them comes on top."""

    def __init__(self, seed: int, people: People, anchor: int) -> None:
        self._people = people
        self._dice = Dice(seed, "message trace")
        self._each = Dice(seed, "recipient of a message")
        a_day = min(_MOST, max(_LEAST, people.count * _PER_PERSON))
        self.pace = Pace(anchor - _SEEDED_DAYS * DAY, DAY / a_day)
        self.by_hand = Told(
            self._find,
            self._newest,
            "receivedDateTime",
            ("id", "recipientAddress"),
            restamped=False,
        )

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """See `Told.tell`."""
        return self.by_hand.tell(event, age, now, twice=twice)

    def told(self, now: datetime) -> dict[str, Entity]:
        """The traces of the last two days by `id/recipientAddress`."""
        moment = now.timestamp()
        numbers = reversed(self.pace.between(moment - 2 * DAY, moment))
        computed = (row for number in numbers for row in self.traces(number, moment))
        return {
            f"{row['id']}/{row['recipientAddress']}": row for row in self.by_hand.over(computed)
        }

    def _find(self, event: Entity, now: float) -> Entity | None:
        number = self._dice.index(str(event["id"]))
        rows = [] if number is None or self.pace.at(number) > now else self.traces(number, now)
        wanted = event.get("recipientAddress")
        return next((row for row in rows if wanted in (None, row["recipientAddress"])), None)

    def _newest(self, now: float) -> Entity:
        message = self._message(self.pace.between(now - DAY, now)[-1])
        return self._trace(message, 0, self._recipients(message)[0], now)

    def traces(self, number: int, now: float) -> list[Entity]:
        """The traces of a message, one a recipient; none while they are still on their way to us."""
        message = self._message(number)
        if self.pace.at(number) + message.roll[3] > now:
            return []
        return [self._trace(message, n, to, now) for n, to in enumerate(self._recipients(message))]

    def course(self, key: str, recipient: str, now: float) -> tuple[Entity, Fate] | None:
        """The trace of a recipient and its fate; None for one that there is not, or not any more."""
        told = self.by_hand.objects.get((key, recipient))
        if told is not None:
            slow = told["status"] in ("pending", "gettingStatus")
            return told, Fate("failed" if slow else told["status"], UNANSWERED if slow else 420.0)
        number = self._dice.index(key)
        if number is None or number not in self.pace.between(now - KEPT_DAYS * DAY, now):
            return None
        for place, row in enumerate(self.traces(number, now)):
            if row["recipientAddress"].lower() == recipient.lower():
                return row, self._fate_of(self._message(number), place, row["recipientAddress"])
        return None

    def _fate_of(self, message: Message, position: int, recipient: str) -> Fate:
        own = self._each.roll(message.number * (_CROWD + 1) + position)
        return _fate(message, own, group=recipient.startswith("all-"))

    def _recipients(self, message: Message) -> list[str]:
        """Whom a message is for, each once: one, a few, now and then forty; of a group the group too."""
        roll = message.roll
        number = _CROWD if roll[0] < 1 else 3 if roll[0] < 12 or roll[9] < 3 else 1
        first = roll[24] << 8 | roll[25]
        if message.outbound:
            return [self._stranger(first + n, roll[30]) for n in range(number)]
        found = self._colleagues(first, number)
        return [f"all-{roll[9]}@{self._people.domain}", *found] if roll[9] < 3 else found

    def _message(self, number: int) -> Message:
        roll = self._dice.roll(number)
        inbound, outbound = roll[2] < 179, 179 <= roll[2] < 225
        sender = (
            self._stranger(roll[4], roll[5])
            if inbound
            else self._colleagues(roll[6] << 8 | roll[7], 1)[0]
        )
        return Message(number, roll, inbound, outbound, "<>" if inbound and roll[8] < 3 else sender)

    def _stranger(self, who: int, where: int) -> str:
        _surname, mail = names.JAPANESE_SURNAMES[who % len(names.JAPANESE_SURNAMES)]
        return f"{mail}.{who}@{names.PARTNERS[where % len(names.PARTNERS)]}"

    def _colleagues(self, first: int, number: int) -> list[str]:
        """Addresses of `number` people with a mailbox, from some place on (fewer if there are none)."""
        people, found = self._people, []
        for step in range(people.count):
            index = (first + step) % people.count
            roll = people.roll(index)
            kind = people.kind(index, roll)
            if kind in (Kind.MEMBER, Kind.SHARED):
                found.append(people.names(index, roll, kind)[0])
            if len(found) == number:
                break
        return found

    def _trace(self, message: Message, position: int, recipient: str, now: float) -> Entity:
        number, roll = message.number, message.roll
        own = self._each.roll(number * (_CROWD + 1) + position)
        received = self.pace.at(number)
        subject = _SUBJECTS[roll[10] % len(_SUBJECTS)]
        return {
            "id": self._dice.guid(number),
            "messageId": f"<{roll[11:23].hex()}@{message.sender.rpartition('@')[2] or 'mx.example'}>",
            "receivedDateTime": precise(received),
            "senderAddress": message.sender,
            "recipientAddress": recipient,
            "subject": _ODD_SUBJECTS[roll[24] % len(_ODD_SUBJECTS)] if roll[23] < 10 else subject,
            "size": 2_000 + (roll[25] << 8 | roll[26]) * (40 if roll[27] < 20 else 1),
            "status": _status(self._fate_of(message, position, recipient), now - received),
            "fromIP": f"192.0.2.{roll[28]}" if message.inbound else f"10.0.{roll[28]}.{roll[29]}",
            "toIP": f"198.51.100.{own[4]}" if message.outbound else "",
        }  # fmt: skip


def _fate(message: Message, own: bytes, *, group: bool) -> Fate:
    """What becomes of a message at one recipient."""
    draw = (own[5] << 8 | own[6]) / 65_536
    if draw < 0.0025:  # the other side does not answer for two days
        return Fate("failed", UNANSWERED)
    return Fate(_end(draw, inbound=message.inbound, group=group), 60 + own[7] * 2)


def _end(draw: float, *, inbound: bool, group: bool) -> str:
    if group:
        return "expanded"
    if draw < 0.005:
        return "failed"
    if inbound and draw < 0.015:
        return "quarantined"
    if inbound and draw < 0.1:
        return "filteredAsSpam"
    return "recalled" if draw > 0.992 else "delivered"


def _status(fate: Fate, age: float) -> str:
    """What is known of the message at this age (seconds)."""
    if age < 60:
        return "gettingStatus"
    if age < fate.after:
        return "pending"
    return "delivered" if fate.status == "recalled" and age <= RECALLED else fate.status
