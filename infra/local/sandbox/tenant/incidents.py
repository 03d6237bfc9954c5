"""Security incidents: three alerts that follow each other are one, and go the way their alerts go.

Some are merged into the one before, days later: they stay listed, redirected. Members of the
enumerations: the v1.0 metadata.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.local.sandbox.tenant.alerts import KEPT_DAYS, LONGEST_WORK, Alerts
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.told import Told

ALERTS = 3  # of an incident
NEWER = frozenset({"awaitingAction"})
_SEVERITIES = ("informational", "low", "medium", "high")
_MERGED_AFTER = 2 * DAY
# What is the same of all of them.
_ALIKE: Entity = {
    "customTags": [],
    "systemTags": [],
    "description": None,
    "lastModifiedBy": "Microsoft 365 Defender-AlertCorrelation",
    "resolvingComment": None,
    "summary": None,
    "comments": [],
}


class Incidents:
    """Makes the incidents of a tenant at any instant; what an administrator tells of them comes on top."""

    def __init__(self, seed: int, alerts: Alerts, tenant_id: str) -> None:
        self._alerts = alerts
        self._tenant_id = tenant_id
        self._dice = Dice(seed, "security incident")
        self.by_hand = Told(
            lambda told, now: self.find(told["id"], now), self._newest, "lastUpdateDateTime"
        )

    def tell(self, event: Entity, age: float, now: Any, *, twice: bool = False) -> Entity:
        """See `Told.tell`."""
        return self.by_hand.tell(event, age, now, twice=twice)

    def told(self, now: Any) -> dict[str, Entity]:
        """Every incident of an instant by id."""
        held = self.since(now.timestamp(), 0.0)
        return {row["id"]: row for row in held.rows(0, len(held))}

    def since(self, now: float, changed_since: float) -> "IncidentList":
        """The incidents that can have changed since an instant, newest first."""
        since = max(now - KEPT_DAYS * DAY, changed_since - LONGEST_WORK - 3 * DAY)
        alerts = self._alerts.pace.between(since, now)
        first, last = -(-alerts.start // ALERTS), (alerts.stop - 1) // ALERTS
        return IncidentList(self, range(first, last + 1)[::-1], now)

    def find(self, key: str, now: float) -> Entity | None:
        """The incident of an id, None if there is none (yet)."""
        told = self.by_hand.objects.get((key,))
        if told is not None:
            return told
        number = int(key) - 1 if key.isdigit() else -1
        if number < 0 or self._alerts.pace.at(number * ALERTS) > now:
            return None
        return self.make(number, now)

    def _newest(self, now: float) -> Entity:
        return self.make(self._alerts.pace.between(now - 30 * DAY, now)[-1] // ALERTS, now)

    def make(self, number: int, now: float) -> Entity:
        """The incident of a number as it is at `now` (epoch seconds)."""
        roll, pace = self._dice.roll(number), self._alerts.pace
        raised = [n for n in range(number * ALERTS, (number + 1) * ALERTS) if pace.at(n) <= now]
        alerts = [self._alerts.make(n, now) for n in raised]
        created = pace.at(raised[0])
        merged = created + _MERGED_AFTER
        redirected = number > 0 and roll[0] < 20 and merged <= now
        moments = [alert["lastUpdateDateTime"] for alert in alerts]
        states = {alert["status"] for alert in alerts}
        done = states == {"resolved"}
        worst = max(alerts, key=lambda alert: _SEVERITIES.index(alert["severity"]))
        status = (
            "redirected" if redirected
            else "resolved" if done
            else "awaitingAction" if roll[1] < 20
            else "active" if states == {"new"}
            else "inProgress"
        )  # fmt: skip
        return {
            "id": str(number + 1),
            "tenantId": self._tenant_id,
            "status": status,
            "incidentWebUrl": f"https://security.microsoft.com/incident2/{number + 1}/overview",
            "redirectIncidentId": str(number) if redirected else None,
            "displayName": f"{worst['title']} involving {1 + roll[2] % 3} users",
            "createdDateTime": precise(created),
            "lastUpdateDateTime": max([*moments, *([precise(merged)] if redirected else [])]),
            "assignedTo": next((alert["assignedTo"] for alert in alerts if alert["assignedTo"]), None),
            "classification": alerts[0]["classification"] if done else "unknown",
            "determination": alerts[0]["determination"] if done else "unknown",
            "severity": worst["severity"],
            "priorityScore": roll[3] % 101,
            **_ALIKE,
        }  # fmt: skip


class IncidentList:
    """Incidents by position, newest first, each made when its page is asked for."""

    def __init__(self, incidents: Incidents, numbers: range, now: float) -> None:
        self._incidents = incidents
        self._numbers = numbers
        self._now = now
        own = {str(number + 1) for number in numbers}
        told = incidents.by_hand.objects.values()
        kept = now - KEPT_DAYS * DAY
        self._others = [row for row in told if row["id"] not in own and _created(row) >= kept]

    def __len__(self) -> int:
        return len(self._others) + len(self._numbers)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The incidents of a range of positions."""
        ahead = len(self._others)
        yield from self._others[start:stop]
        numbers = self._numbers[max(0, start - ahead) : max(0, stop - ahead)]
        made = (self._incidents.make(number, self._now) for number in numbers)
        yield from self._incidents.by_hand.instead(made)


def _created(incident: Entity) -> float:
    return datetime.fromisoformat(incident["createdDateTime"]).timestamp()
