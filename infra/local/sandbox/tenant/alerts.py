"""Security alerts: raised at a steady pace, worked on for hours to weeks, then resolved.

Members of the enumerations: the v1.0 metadata.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.evidence import evidence
from infra.local.sandbox.tenant.people import People
from infra.local.sandbox.tenant.told import Pace, Told

KEPT_DAYS = 180
LONGEST_WORK = 30 * DAY  # from the first sign to the last change
_PEOPLE_PER_ALERT = 100  # a day
_MOST_A_DAY = 40


class _Kind(NamedTuple):
    title: str
    category: str
    service: str
    source: str
    determination: str
    evidence: tuple[str, ...]


_KINDS = (
    _Kind("Email messages containing malicious URL removed after delivery", "InitialAccess",
          "microsoftDefenderForOffice365", "microsoftDefenderForOffice365", "phishing",
          ("analyzedMessage", "mailbox", "url", "mailCluster")),
    _Kind("Suspicious inbox manipulation rule", "Persistence", "microsoftDefenderForCloudApps",
          "cloudAppSecurity", "compromisedAccount", ("user", "ip", "cloudApplication")),
    _Kind("Unfamiliar sign-in properties", "InitialAccess", "azureAdIdentityProtection",
          "azureAdIdentityProtection", "compromisedAccount", ("user", "ip")),
    _Kind("不審な PowerShell コマンドライン", "Execution", "microsoftDefenderForEndpoint",
          "microsoftDefenderForEndpoint", "malware", ("process", "file", "device", "user")),
    _Kind("'Wacatac' malware was prevented", "Malware", "microsoftDefenderForEndpoint", "antivirus",
          "malware", ("file", "device")),
    _Kind("Mass download by a single user", "Exfiltration", "microsoftDefenderForCloudApps",
          "cloudAppSecurity", "lineOfBusinessApplication", ("user", "ip", "cloudApplication")),
    # from sources that were added to the enumerations
    _Kind("Rare RDP connections", "LateralMovement", "microsoftSentinel", "scheduledAlerts",
          "notMalicious", ("user", "ip", "device")),
    _Kind("User clicked a phishing link in chat", "InitialAccess", "microsoftDefenderForOffice365",
          "microsoftDefenderForOffice365", "phishing", ("user", "url")),
)  # fmt: skip
NEWER = frozenset({"microsoftSentinel", "scheduledAlerts", "active", "unremediated"})
_SEVERITIES = ((13, "high"), (51, "medium"), (154, "low"), (256, "informational"))
_CROWD = 60  # evidences of a rare alert


class Alerts:
    """Makes the alerts of a tenant at any instant; what an administrator tells of them comes on top."""

    def __init__(self, seed: int, people: People, anchor: int, tenant_id: str) -> None:
        self._people = people
        self._tenant_id = tenant_id
        self._dice = Dice(seed, "security alert")
        a_day = min(_MOST_A_DAY, max(1, people.count // _PEOPLE_PER_ALERT))
        self.pace = Pace(anchor - KEPT_DAYS * DAY, DAY / a_day)
        self.by_hand = Told(
            lambda told, now: self.find(told["id"], now), self._newest, "lastUpdateDateTime"
        )

    def tell(self, event: Entity, age: float, now: Any, *, twice: bool = False) -> Entity:
        """See `Told.tell`."""
        return self.by_hand.tell(event, age, now, twice=twice)

    def told(self, now: Any) -> dict[str, Entity]:
        """Every alert of an instant by id."""
        held = self.since(now.timestamp(), 0.0)
        return {row["id"]: row for row in held.rows(0, len(held))}

    def since(self, now: float, changed_since: float) -> "AlertList":
        """The alerts that can have changed since an instant, newest first."""
        since = max(now - KEPT_DAYS * DAY, changed_since - LONGEST_WORK)
        return AlertList(self, self.pace.between(since, now)[::-1], now)

    def find(self, key: str, now: float) -> Entity | None:
        """The alert of an id, None if there is none (yet, or any more)."""
        told = self.by_hand.objects.get((key,))
        if told is not None:
            return told if _created(told) >= now - KEPT_DAYS * DAY else None
        number = self.number(key)
        if number is None or number not in self.pace.between(now - KEPT_DAYS * DAY, now):
            return None
        return self.make(number, now)

    def number(self, key: str) -> int | None:
        """The number behind an id."""
        return self._dice.index(key.removeprefix("da").removesuffix("_1"))

    def _newest(self, now: float) -> Entity:
        return self.make(self.pace.between(now - 2 * DAY, now)[-1], now)

    def make(self, number: int, now: float) -> Entity:
        """The alert of a number as it is at `now` (epoch seconds)."""
        roll, raised = self._dice.roll(number), self.pace.at(number)
        kind = _KINDS[roll[0] % len(_KINDS)]
        severity = next(name for share, name in _SEVERITIES if roll[1] < share)
        work = self._work(roll, raised, now, kind)
        first = raised - 60 * (1 + roll[2])
        about = [kind.evidence[n % len(kind.evidence)] for n in range(_extent(roll, kind))]
        key = f"da{self._dice.guid(number)}_1"
        return {
            "id": key,
            "providerAlertId": key.removeprefix("da"),
            "tenantId": self._tenant_id,
            "incidentId": str(1 + number // 3),
            "title": kind.title,
            "description": f"{kind.title}. {roll[3]} events were seen.",
            "category": kind.category,
            "severity": severity,
            "serviceSource": kind.service,
            "detectionSource": kind.source,
            "productName": kind.service,
            "detectorId": self._dice.guid(number % 7),
            "actorDisplayName": None,
            "threatDisplayName": None,
            "threatFamilyName": "Wacatac" if "Wacatac" in kind.title else None,
            "mitreTechniques": ["T1566.002"] if kind.determination == "phishing" else [],
            "recommendedActions": "1. Verify the user.\n2. Reset the password.",
            "alertWebUrl": f"https://security.microsoft.com/alerts/{key}?tid={self._tenant_id}",
            "incidentWebUrl": f"https://security.microsoft.com/incident2/{1 + number // 3}/overview",
            "createdDateTime": precise(raised),
            "firstActivityDateTime": precise(first),
            "lastActivityDateTime": precise(raised - 30),
            **work,
            "systemTags": [],
            "evidence": [
                evidence(self._people, self._dice, number * 64 + n, name, raised, active=work["status"] != "resolved")
                for n, name in enumerate(about)
            ],
        }  # fmt: skip

    def _work(self, roll: bytes, raised: float, now: float, kind: _Kind) -> Entity:
        """What people did about it until now: taken up within hours, resolved within weeks or never."""
        taken = raised + 600 + roll[4] * 180 if roll[5] < 160 else None
        resolved = raised + 7_200 + roll[6] ** 2 * 38 if roll[7] < 240 else None
        owner = self._people.names(
            roll[8] % 3, self._people.roll(roll[8] % 3), self._people.kind(0)
        )[0]
        worked = taken is not None and taken <= now
        done = resolved is not None and resolved <= now
        steps = [raised, raised + 90, taken or 0.0, resolved or 0.0]
        comments = []
        if done and roll[9] < 60:
            comments.append({
                "comment": f"{names.PROJECTS[roll[9] % len(names.PROJECTS)]}: 確認済み",
                "createdByDisplayName": owner,
                "createdDateTime": precise(resolved or raised),
            })  # fmt: skip
        return {
            "status": "resolved" if done else "inProgress" if worked else "new",
            "assignedTo": owner if worked and (not done or roll[10] < 200) else None,
            "classification": ("truePositive" if roll[11] < 90 else "falsePositive")
            if done
            else None,
            "determination": kind.determination if done else None,
            "resolvedDateTime": precise(resolved) if done and resolved else None,
            "lastUpdateDateTime": precise(max(step for step in steps if step <= now)),
            "comments": comments,
        }


class AlertList:
    """Alerts by position, newest first, each made when its page is asked for.

    Those told by hand that are not among `numbers` stand where their creation puts them, for as long
    as any alert is kept.
    """

    def __init__(self, alerts: Alerts, numbers: range, now: float) -> None:
        self._alerts = alerts
        self._now = now
        self._order: Sequence[int | Entity] = numbers
        others = self._others(numbers)
        if others:
            self._order = sorted([*others, *numbers], key=self._created, reverse=True)

    def _others(self, numbers: range) -> list[Entity]:
        told = self._alerts.by_hand.objects.values()
        others = (row for row in told if self._alerts.number(row["id"]) not in numbers)
        return [row for row in others if _created(row) >= self._now - KEPT_DAYS * DAY]

    def _created(self, entry: int | Entity) -> float:
        return self._alerts.pace.at(entry) if isinstance(entry, int) else _created(entry)

    def __len__(self) -> int:
        return len(self._order)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The alerts of a range of positions."""
        for entry in self._order[start:stop]:
            alert = self._alerts.make(entry, self._now) if isinstance(entry, int) else entry
            yield from self._alerts.by_hand.instead([alert])


def _created(alert: Entity) -> float:
    """When an alert was created (epoch seconds)."""
    return datetime.fromisoformat(alert["createdDateTime"]).timestamp()


def _extent(roll: bytes, kind: _Kind) -> int:
    """Pieces of evidence: as many as the kind has, now and then a crowd, now and then none."""
    return _CROWD if roll[12] < 2 else 0 if roll[12] < 6 else len(kind.evidence)
