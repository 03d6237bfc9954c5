"""Calls and meetings of a tenant: records at a steady pace, each told when its call has ended.

A record is told first as version 1, with half of its sessions, and two hours later as version 3.
"""

from datetime import datetime
from typing import NamedTuple

from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.call_media import media
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.people import Kind, People
from infra.local.sandbox.tenant.told import Pace, Told

KEPT_DAYS = 30  # "callRecord": then it is gone
_SEEDED_DAYS = 40
_PEOPLE_A_CALL, _LEAST, _MOST = 15, 3, 1_000  # calls a day
_TOLD_AFTER, _COMPLETE_AFTER = 900.0, 7_200.0  # seconds since the end
_CROWD = 61  # sessions have pages of 60
FOREIGN_TENANT = "7b1d0e9a-5f43-4c7e-9a43-1f0c2f8d6e55"
_UNKNOWN_NUMBER = "+8150555{:04d}"


class Party(NamedTuple):
    """Who takes part: the id, the kind of identity, and the identity itself."""

    key: str
    kind: str
    identity: Entity


class Record(NamedTuple):
    """What is drawn of a call."""

    number: int
    roll: bytes
    is_meeting: bool
    start: float
    end: float
    parties: tuple[Party, ...]

    @property
    def is_shared(self) -> bool:
        """Whether somebody shows his screen."""
        return self.roll[8] < 90

    @property
    def has_video(self) -> bool:
        """Whether somebody is seen."""
        return self.roll[9] < 150


class Calls:
    """Makes the records of a tenant at any instant; what an administrator tells of them comes on top."""

    def __init__(self, seed: int, people: People, anchor: int, tenant_id: str) -> None:
        self._people = people
        self._tenant_id = tenant_id
        self._dice = Dice(seed, "call record")
        self._sessions = Dice(seed, "session of a call")
        a_day = min(_MOST, max(_LEAST, people.count // _PEOPLE_A_CALL))
        self.pace = Pace(anchor - _SEEDED_DAYS * DAY, DAY / a_day)
        self._known: dict[int, Record] = {}
        self.by_hand = Told(self._find, self._newest, "startDateTime", restamped=False)

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """See `Told.tell`."""
        return self.by_hand.tell(event, age, now, twice=twice)

    def told(self, now: datetime) -> dict[str, Entity]:
        """Every record that is kept, by id."""
        moment = now.timestamp()
        return {row["id"]: row for row in self.between(moment - KEPT_DAYS * DAY, moment, moment)}

    def between(self, low: float, high: float, now: float) -> list[Entity]:
        """The records of calls that began between two instants, the newest first."""
        oldest = max(low, now - KEPT_DAYS * DAY)
        numbers = reversed(self.pace.between(oldest, min(high, now)))
        rows = [row for number in numbers if (row := self.record(number, now)) is not None]
        return self.by_hand.over(rows)

    def find(self, key: str, now: float) -> tuple[Entity, Record] | None:
        """A record that is kept, and what was drawn of its call; None for one that there is not."""
        told = self.by_hand.objects.get((key,))
        number = self._dice.index(key)
        if number is None or number not in self.pace.between(now - KEPT_DAYS * DAY, now):
            return None if told is None else (told, self._drawn(int(key[:8], 16) % 1_000))
        row = self.record(number, now)
        return None if row is None else (told or row, self._drawn(number))

    def _find(self, event: Entity, now: float) -> Entity | None:
        number = self._dice.index(str(event["id"]))
        return None if number is None else self.record(number, now)

    def _newest(self, now: float) -> Entity:
        numbers = reversed(self.pace.between(now - 2 * DAY, now))
        return next(row for number in numbers if (row := self.record(number, now)) is not None)

    def record(self, number: int, now: float) -> Entity | None:
        """The record of a call as it is told at an instant; None before its call has ended."""
        call = self._drawn(number)
        told = call.end + _TOLD_AFTER
        if told > now:
            return None
        complete = call.end + _COMPLETE_AFTER <= now
        organizer = call.parties[0]
        share = ["videoBasedScreenSharing"] if call.is_shared else []
        video = ["video"] if call.has_video else []
        link = f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{call.roll[16:28].hex()}%40thread.v2/0"
        return {
            "id": self._dice.guid(number),
            "version": 3 if complete else 1,
            "type": "groupCall" if call.is_meeting else "peerToPeer",
            "modalities": ["audio", *video, *share],
            "lastModifiedDateTime": precise(call.end + _COMPLETE_AFTER if complete else told),
            "startDateTime": precise(call.start),
            "endDateTime": precise(call.end),
            # both have told nothing since 2026-06-30
            "organizer": None,
            "participants": [],
            "joinWebUrl": link if call.is_meeting else None,
            "organizer_v2": {
                "id": organizer.key,
                "identity": organizer.identity,
                "administrativeUnitInfos": [],
            },
        }

    def participants(self, call: Record) -> list[Entity]:
        """`participants_v2` of a record."""
        return [
            {"id": party.key, "identity": party.identity, "administrativeUnitInfos": []}
            for party in call.parties
        ]

    def sessions(self, record: Entity, call: Record, *, segments: bool) -> list[Entity]:
        """The sessions of a record: of a meeting one for each who took part, of a call one in all."""
        known = call.parties if call.is_meeting else call.parties[:1]
        if record["version"] < 3:
            known = known[: (len(known) + 1) // 2]
        return [self._session(call, place, segments=segments) for place in range(len(known))]

    def _session(self, call: Record, place: int, *, segments: bool) -> Entity:
        own = call.number * 256 + place
        roll = self._sessions.roll(own)
        caller, key = call.parties[place], self._sessions.guid(own)
        callee = _service() if call.is_meeting else _client(call.parties[1], roll)
        made = {
            "id": key,
            "modalities": ["audio"],
            "startDateTime": precise(call.start),
            "endDateTime": precise(call.end),
            "isTest": False,
            "failureInfo": None,
            "caller": _client(caller, roll),
            "callee": callee,
        }
        if segments:
            kinds: tuple[str, ...] = ("main-audio",) if caller.kind != "phone" else ()
            if kinds and call.has_video:
                kinds += ("main-video",)
            if kinds and call.is_shared:
                kinds += ("applicationsharing-video",)
            ends = {"startDateTime": made["startDateTime"], "endDateTime": made["endDateTime"]}
            made["segments"] = [
                {
                    "id": key,
                    **ends,
                    "failureInfo": None,
                    "caller": made["caller"],
                    "callee": callee,
                    "media": [media(label, roll, n, ends) for n, label in enumerate(kinds)],
                }
            ]
        return made

    def _drawn(self, number: int) -> Record:
        if number not in self._known:
            self._known[number] = self._draw(number)
        return self._known[number]

    def _draw(self, number: int) -> Record:
        roll, start = self._dice.roll(number), self.pace.at(number)
        minutes = 240 + roll[1] if roll[2] < 3 else 3 + roll[1] % 85
        is_meeting = roll[0] < 180
        size = 2 if not is_meeting else _CROWD + roll[3] % 20 if roll[4] < 4 else 2 + roll[3] % 9
        parties = self._parties(roll, size)
        return Record(number, roll, is_meeting, start, start + minutes * 60, parties)

    def _parties(self, roll: bytes, size: int) -> tuple[Party, ...]:
        """Who takes part, the organizer first, each once; fewer where the tenant is small."""
        people, first = self._people, roll[5] << 8 | roll[6]
        found: list[Party] = []
        for step in range(people.count):
            index = (first + step) % people.count
            own = people.roll(index)
            if people.kind(index, own) is Kind.MEMBER:
                name = people.names(index, own, Kind.MEMBER)[1]
                found.append(_user(people.guid(index), name, self._tenant_id))
            if len(found) == size:
                break
        if roll[7] < 8:  # somebody called from a phone
            found[0] = _phone(roll[10])
        elif roll[7] < 26:  # another tenant's meeting
            found[0] = _user(self._dice.guid(1 << 24 | roll[10]), None, FOREIGN_TENANT)
        if roll[11] < 40:
            found[-1] = _phone(roll[12]) if roll[12] != roll[10] else found[-1]
        elif roll[11] < 70:
            guest = {"id": self._dice.guid(1 << 25 | roll[12]), "displayName": "Anonymous"}
            found[-1] = Party(guest["id"], "guest", {"guest": guest, "endpointType": "default"})
        return tuple(found)


def _user(key: str, name: str | None, tenant: str) -> Party:
    typed = "#microsoft.graph.communicationsUserIdentity"
    user = {"@odata.type": typed, "id": key, "displayName": name, "tenantId": tenant}
    return Party(key, "user", {"user": user, "endpointType": "default"})


def _phone(draw: int) -> Party:
    number = _UNKNOWN_NUMBER.format(draw)
    return Party(number, "phone", {"phone": {"id": number, "displayName": None}})


def _service() -> Entity:
    """The conference that a session of a meeting is with."""
    agent = {"@odata.type": "#microsoft.graph.callRecords.serviceUserAgent", "headerValue": None,
             "applicationVersion": None, "role": "skypeForBusinessAudioVideoMcu"}  # fmt: skip
    return {"@odata.type": "#microsoft.graph.callRecords.serviceEndpoint", "userAgent": agent}


def _client(party: Party, roll: bytes) -> Entity:
    """Somebody's end of a session."""
    family = "azureCommunicationServices" if party.kind == "guest" else "teams"
    agent = {
        "@odata.type": "#microsoft.graph.callRecords.clientUserAgent",
        "headerValue": "CallSignalingAgent (27/1.4.00.2879//;release_web)",
        "applicationVersion": None,
        "platform": ("windows", "macOS", "iOS", "android", "web")[roll[40] % 5],
        "productFamily": family,
    }
    identity = {
        "user": {k: v for k, v in party.identity["user"].items() if k in ("id", "displayName")}
        if party.kind == "user"
        else None
    }
    return {
        "@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
        "userAgent": agent,
        "identity": identity,
        "name": None,
        "cpuName": None,
        "feedback": None,
    }
