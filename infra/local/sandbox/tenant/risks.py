"""What Identity Protection detects, and whom it takes for risky because of that.

A tenth of the people have nearly all of it. Some detections are made offline: they are listed two
hours after their time. Members of the enumerations: the v1.0 metadata; kinds of detections and which
of them are premium: "What are risk detections?" of Entra ID Protection.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.people import Kind, People
from infra.local.sandbox.tenant.told import Pace, Told

KEPT_DAYS = 90
LATE = 7_200
NEWER = frozenset({"m365DAdminDismissedDetection", "adminConfirmedAccountSafe"})
_PEOPLE_PER_DETECTION = 60  # a day
_MOST_A_DAY = 20


class _Kind(NamedTuple):
    event: str
    timing: str
    premium: bool


_KINDS = (
    _Kind("unfamiliarFeatures", "realtime", premium=True),
    _Kind("anonymizedIPAddress", "realtime", premium=False),
    _Kind("unlikelyTravel", "offline", premium=True),
    _Kind("maliciousIPAddress", "offline", premium=True),
    _Kind("leakedCredentials", "offline", premium=False),
    _Kind("mcasSuspiciousInboxManipulationRules", "offline", premium=True),
    _Kind("passwordSpray", "offline", premium=True),
)
_PLACES = (("Lagos", "NG"), ("São Paulo", "BR"), ("大阪市", "JP"), ("Kyiv", "UA"), (None, None))
# State and detail of what is over, of 256.
_ENDS = (
    (110, "remediated", "userPerformedSecuredPasswordReset"),
    (150, "remediated", "userPassedMFADrivenByRiskBasedPolicy"),
    (190, "dismissed", "adminDismissedAllRiskForUser"),
    (205, "dismissed", "m365DAdminDismissedDetection"),
    (230, "confirmedSafe", "adminConfirmedSigninSafe"),
    (256, "confirmedCompromised", "adminConfirmedUserCompromised"),
)
_LEVELS = ("none", "low", "medium", "high")


class Risks:
    """Makes detections and risky users at any instant; detections told by hand come on top."""

    def __init__(self, seed: int, people: People, anchor: int) -> None:
        self._people = people
        self._dice = Dice(seed, "risk detection")
        a_day = min(_MOST_A_DAY, max(1, people.count // _PEOPLE_PER_DETECTION))
        self._pace = Pace(anchor - 2 * KEPT_DAYS * DAY, DAY / a_day)
        self.by_hand = Told(
            lambda told, now: self.find(told["id"], now), self._newest, "lastUpdatedDateTime"
        )

    def tell(self, event: Entity, age: float, now: Any, *, twice: bool = False) -> Entity:
        """See `Told.tell`."""
        return self.by_hand.tell(event, age, now, twice=twice)

    def told(self, now: Any) -> dict[str, Entity]:
        """Every detection of an instant by id."""
        return {row["id"]: row for row in self.detections(now.timestamp())}

    def detections(self, now: float) -> list[Entity]:
        """The detections of an instant, newest first."""
        numbers = self._pace.between(now - KEPT_DAYS * DAY, now)[::-1]
        listed = (self.make(n, now) for n in numbers if self._listed_at(n) <= now)
        return self.by_hand.over(listed)

    def find(self, key: str, now: float) -> Entity | None:
        """The detection of an id, None if there is none (yet, or any more)."""
        number = self._dice.index(key)
        if number is None or number not in self._pace.between(now - KEPT_DAYS * DAY, now):
            return None
        return self.make(number, now)

    def users(self, now: float) -> list[Entity]:
        """`riskyUsers`: each person of whom something was detected, with what is left of it."""
        per_user: dict[str, list[Entity]] = {}
        for row in self.detections(now):
            per_user.setdefault(row["userId"], []).append(row)
        return [_risky(key, rows) for key, rows in per_user.items()]

    def _listed_at(self, number: int) -> float:
        return self._pace.at(number) + (LATE if self._dice.roll(number)[11] < 32 else 0)

    def _newest(self, now: float) -> Entity:
        return self.make(self._pace.between(now - 5 * DAY, now)[-1], now)

    def make(self, number: int, now: float) -> Entity:
        """The detection of a number as it is at `now` (epoch seconds)."""
        roll, detected = self._dice.roll(number), self._pace.at(number)
        kind = _KINDS[roll[0] % len(_KINDS)]
        index = self._whose(roll)
        own = self._people.roll(index)
        upn, display = self._people.names(index, own, self._people.kind(index, own))
        city, country = _PLACES[roll[3] % len(_PLACES)]
        ended = detected + 900 + roll[4] ** 2 * 26 if roll[5] < 190 else None
        over = ended is not None and ended <= now
        state, detail = next((s, d) for share, s, d in _ENDS if roll[6] < share)
        activity = detected - (roll[7] * 120 if kind.timing == "offline" else 5)
        return {
            "id": self._dice.guid(number),
            "requestId": self._dice.guid(number + 1_000_000_000),
            "correlationId": self._dice.guid(number + 2_000_000_000),
            "riskEventType": kind.event,
            "riskState": state if over else "atRisk",
            "riskLevel": ("low", "medium", "medium", "high")[roll[8] % 4],
            "riskDetail": detail if over else "none",
            "source": "IdentityProtection",
            "detectionTimingType": kind.timing,
            "activity": "user" if kind.event == "leakedCredentials" else "signin",
            "tokenIssuerType": "AzureAD",
            "ipAddress": f"198.18.{roll[9]}.{roll[10]}",
            "location": {"city": city, "state": None, "countryOrRegion": country, "geoCoordinates": None},
            "activityDateTime": precise(activity),
            "detectedDateTime": precise(detected),
            "lastUpdatedDateTime": precise(ended if over and ended else detected),
            "userId": self._people.guid(index),
            "userDisplayName": display,
            "userPrincipalName": upn,
            "additionalInfo": msgspec.json.encode(
                [{"Key": "userAgent", "Value": "Mozilla/5.0"}, {"Key": "alertUrl", "Value": None}]
            ).decode(),
        }  # fmt: skip

    def _whose(self, roll: bytes) -> int:
        few = max(1, self._people.count // 10)
        index = int.from_bytes(roll[1:3]) % (self._people.count if roll[12] < 20 else few)
        while self._people.kind(index) is Kind.SHARED:
            index = (index + 1) % self._people.count
        return index


def _risky(key: str, rows: list[Entity]) -> Entity:
    """The user of some detections; the worst that is left counts, or how the last one ended."""
    left = [row for row in rows if row["riskState"] in ("atRisk", "confirmedCompromised")]
    last = max(left or rows, key=lambda row: str(row["lastUpdatedDateTime"]))
    confirmed = any(row["riskState"] == "confirmedCompromised" for row in left)
    worst = max((_LEVELS.index(row["riskLevel"]) for row in left), default=0)
    return {
        "id": key,
        "isDeleted": False,
        "isProcessing": False,
        "riskLevel": "high" if confirmed else _LEVELS[worst],
        "riskState": "confirmedCompromised" if confirmed else last["riskState"],
        "riskDetail": "adminConfirmedUserCompromised" if confirmed else last["riskDetail"],
        "riskLastUpdatedDateTime": max(str(row["lastUpdatedDateTime"]) for row in rows),
        "userDisplayName": rows[0]["userDisplayName"],
        "userPrincipalName": rows[0]["userPrincipalName"],
    }


def veiled(detections: list[Entity]) -> Iterator[Entity]:
    """Detections as a tenant with P1 sees them: of premium ones only that there was something."""
    premium = {kind.event for kind in _KINDS if kind.premium}
    for row in detections:
        hidden = {"riskEventType": "generic", "riskLevel": "hidden", "riskDetail": "hidden"}
        yield {**row, **(hidden if row["riskEventType"] in premium else {})}
