"""Directory audits: what administrators and services changed."""

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import EventLog, precise, spacing
from infra.local.sandbox.tenant.people import People

# activity, category, service, operation
AUDITS = (
    ("Update user", "UserManagement", "Core Directory", "Update"),
    ("Add user", "UserManagement", "Core Directory", "Add"),
    ("Add member to group", "GroupManagement", "Core Directory", "Assign"),
    ("Remove member from group", "GroupManagement", "Core Directory", "Unassign"),
    ("Change user license", "UserManagement", "Core Directory", "Update"),
    ("Update conditional access policy", "Policy", "Conditional Access", "Update"),
    ("User registered security info", "UserManagement", "Authentication Methods", "Add"),
    ("Add member to role", "RoleManagement", "Core Directory", "Assign"),
    ("Reset password (by admin)", "UserManagement", "Core Directory", "Update"),
)
_LICENSING = {"appId": None, "displayName": "Microsoft Azure AD Group-Based Licensing"}


class Audits:
    """Makes the audits and keeps them in `log`."""

    def __init__(self, seed: int, people: People, anchor: int, count: int) -> None:
        self._people = people
        self._dice = Dice(seed, "audit")
        step = spacing(count)
        self.log = EventLog(
            count,
            lambda i: anchor - step * i,
            lambda i: self.make(i, anchor - step * i),
            "activityDateTime",
        )

    def make(
        self, number: int, moment: float, activity: int | None = None, target: Entity | None = None
    ) -> Entity:
        """One directory audit, by an administrator or by an application.

        `activity` (index into AUDITS) and `target` override the seeded choices.
        """
        roll = self._dice.roll(number)
        chosen = roll[0] % len(AUDITS) if activity is None else activity
        name, category, service, operation = AUDITS[chosen]
        target = target or self._people.make(int.from_bytes(roll[1:5]) % self._people.count)
        failed = roll[7] < 8
        return {
            "id": f"Directory_{self._dice.guid(number)}_{number}",
            "category": category,
            "correlationId": self._dice.guid(number + 2_000_000_000),
            "result": "failure" if failed else "success",
            "resultReason": "Insufficient privileges" if failed else "",
            "activityDisplayName": name,
            "activityDateTime": precise(moment),
            "loggedByService": service,
            "operationType": operation,
            "initiatedBy": self._initiator(roll),
            "targetResources": [_target(target)],
            "additionalDetails": [{"key": "User-Agent", "value": "EvoSTS"}] if roll[9] < 60 else [],
        }

    def _initiator(self, roll: bytes) -> Entity:
        if roll[6] < 40:
            return {"user": None, "app": _LICENSING}
        admin = self._people.make(roll[5] % min(3, self._people.count))
        user = {
            "id": admin["id"],
            "displayName": None,
            "userPrincipalName": admin["userPrincipalName"],
            "ipAddress": f"203.0.113.{roll[8]}",
        }
        return {"user": user, "app": None}


def _target(item: Entity) -> Entity:
    change = {
        "displayName": "Included Updated Properties",
        "oldValue": None,
        "newValue": '"Department"',
    }
    return {
        "id": item["id"],
        "displayName": item.get("displayName"),
        "type": "User" if "userPrincipalName" in item else "Other",
        "userPrincipalName": item.get("userPrincipalName"),
        "groupType": None,
        "modifiedProperties": [change],
    }
