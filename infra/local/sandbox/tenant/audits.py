"""Directory audits: what administrators and services changed.

Activities: "Microsoft Entra audit log categories and activities" reference.
"""

import msgspec

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import EventLog, precise, spacing
from infra.local.sandbox.tenant.people import People

# activity: category, service, operation
ACTIVITIES = {
    "Add user": ("UserManagement", "Core Directory", "Add"),
    "Update user": ("UserManagement", "Core Directory", "Update"),
    "Delete user": ("UserManagement", "Core Directory", "Delete"),
    "Hard Delete user": ("UserManagement", "Core Directory", "Delete"),
    "Restore user": ("UserManagement", "Core Directory", "Update"),
    "Change user license": ("UserManagement", "Core Directory", "Update"),
    "Reset password (by admin)": ("UserManagement", "Core Directory", "Update"),
    "User registered security info": ("UserManagement", "Authentication Methods", "Add"),
    "Add group": ("GroupManagement", "Core Directory", "Add"),
    "Update group": ("GroupManagement", "Core Directory", "Update"),
    "Delete group": ("GroupManagement", "Core Directory", "Delete"),
    "Hard Delete group": ("GroupManagement", "Core Directory", "Delete"),
    "Restore Group": ("GroupManagement", "Core Directory", "Update"),
    "Add member to group": ("GroupManagement", "Core Directory", "Assign"),
    "Remove member from group": ("GroupManagement", "Core Directory", "Unassign"),
    "Add member to role": ("RoleManagement", "Core Directory", "Assign"),
    "Remove member from role": ("RoleManagement", "Core Directory", "Unassign"),
    "Add conditional access policy": ("Policy", "Conditional Access", "Add"),
    "Update conditional access policy": ("Policy", "Conditional Access", "Update"),
    "Delete conditional access policy": ("Policy", "Conditional Access", "Delete"),
    "Add named location": ("Policy", "Conditional Access", "Add"),
    "Update named location": ("Policy", "Conditional Access", "Update"),
    "Delete named location": ("Policy", "Conditional Access", "Delete"),
}
# What the seeded log tells of: activities whose target is a user.
_SEEDED = (
    "Update user",
    "Add user",
    "Change user license",
    "User registered security info",
    "Reset password (by admin)",
)
_LICENSING = {"appId": None, "displayName": "Microsoft Azure AD Group-Based Licensing"}
_APPENDED = 1_000_000_000  # numbers of audits that were not seeded


class Audits:
    """Makes the audits and keeps them in `log`."""

    def __init__(self, seed: int, people: People, anchor: int, count: int) -> None:
        self._people = people
        self._dice = Dice(seed, "audit")
        step = spacing(count)
        self.log = EventLog(
            count,
            lambda i: anchor - step * i,
            lambda i: self._seeded(i, anchor - step * i),
            "activityDateTime",
        )

    def record(self, moment: float, activity: str, *targets: Entity) -> None:
        """Tell of something that was done (see `target`), at `moment` (epoch seconds)."""
        number = _APPENDED + len(self.log.appended)
        event = self._event(number, moment, activity, list(targets), self._dice.roll(number))
        self.log.append(event)

    def _seeded(self, number: int, moment: float) -> Entity:
        roll = self._dice.roll(number)
        user = self._people.make(int.from_bytes(roll[1:5]) % self._people.count)
        failed = roll[7] < 8
        told = target("User", user, {"Department": (None, user.get("department"))})
        return {
            **self._event(number, moment, _SEEDED[roll[0] % len(_SEEDED)], [told], roll),
            "result": "failure" if failed else "success",
            "resultReason": "Insufficient privileges" if failed else "",
        }

    def _event(
        self, number: int, moment: float, activity: str, targets: list[Entity], roll: bytes
    ) -> Entity:
        category, service, operation = ACTIVITIES[activity]
        return {
            "id": f"Directory_{self._dice.guid(number)}_{number}",
            "category": category,
            "correlationId": self._dice.guid(number + 2_000_000_000),
            "result": "success",
            "resultReason": "",
            "activityDisplayName": activity,
            "activityDateTime": precise(moment),
            "loggedByService": service,
            "operationType": operation,
            "initiatedBy": self._initiator(activity, targets, roll),
            "targetResources": targets,
            "additionalDetails": [{"key": "User-Agent", "value": "EvoSTS"}] if roll[9] < 60 else [],
        }

    def _initiator(self, activity: str, targets: list[Entity], roll: bytes) -> Entity:
        """Users register their own methods, a service assigns some licences, the rest admins do."""
        if activity == "Change user license" and roll[6] < 40:
            return {"user": None, "app": _LICENSING}
        admin = self._people.make(roll[5] % min(3, self._people.count))
        who = targets[0] if activity == "User registered security info" else admin
        user = {
            "id": who["id"],
            "displayName": None,
            "userPrincipalName": who["userPrincipalName"],
            "ipAddress": f"203.0.113.{roll[8]}",
        }
        return {"user": user, "app": None}


def target(
    kind: str, item: Entity, changes: dict[str, tuple[object, object]] | None = None
) -> Entity:
    """An entry of `targetResources`: `kind` is User, Group, Role or Policy; property to (old, new)."""
    modified = [
        {"displayName": name, "oldValue": _told(old), "newValue": _told(new)}
        for name, (old, new) in (changes or {}).items()
    ]
    unified = "Unified" in item.get("groupTypes", ())
    return {
        "id": item["id"],
        "displayName": item.get("displayName"),
        "type": kind,
        "userPrincipalName": item.get("userPrincipalName"),
        "groupType": ("unifiedGroups" if unified else "azureAD") if kind == "Group" else None,
        "modifiedProperties": modified,
    }


def _told(value: object) -> str | None:
    """A value as audits quote it: JSON text of a list."""
    return None if value is None else msgspec.json.encode([value]).decode()
