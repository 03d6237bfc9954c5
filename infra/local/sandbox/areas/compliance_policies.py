"""Compliance policies of Intune: derived types, with their assignments where they are expanded."""

from random import Random

from infra.local.sandbox.areas.managed_devices import (
    SERVICE,
    licence,
    not_permitted,
)
from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_PATH = "deviceManagement/deviceCompliancePolicies"
_POLICY = plain_type(
    "deviceCompliancePolicy",
    "id createdDateTime description lastModifiedDateTime displayName version",
    expandable="assignments scheduledActionsForRule",
)
_WINDOWS = {
    "passwordRequired": True, "passwordBlockSimple": True, "passwordRequiredToUnlockFromIdle": False,
    "passwordMinutesOfInactivityBeforeLock": 15, "passwordExpirationDays": None,
    "passwordMinimumLength": 8, "passwordMinimumCharacterSetCount": None,
    "passwordRequiredType": "alphanumeric", "passwordPreviousPasswordBlockCount": 5,
    "requireHealthyDeviceReport": False, "osMinimumVersion": "10.0.19045", "osMaximumVersion": None,
    "mobileOsMinimumVersion": None, "mobileOsMaximumVersion": None,
    "earlyLaunchAntiMalwareDriverEnabled": False, "bitLockerEnabled": True,
    "secureBootEnabled": True, "codeIntegrityEnabled": False, "storageRequireEncryption": True,
}  # fmt: skip
_IOS = {
    "passcodeBlockSimple": True, "passcodeExpirationDays": None, "passcodeMinimumLength": 6,
    "passcodeMinutesOfInactivityBeforeLock": None, "passcodePreviousPasscodeBlockCount": None,
    "passcodeMinimumCharacterSetCount": None, "passcodeRequiredType": "numeric",
    "passcodeRequired": True, "osMinimumVersion": "17.0", "osMaximumVersion": None,
    "securityBlockJailbrokenDevices": True, "deviceThreatProtectionEnabled": False,
    "deviceThreatProtectionRequiredSecurityLevel": "unavailable", "managedEmailProfileRequired": False,
}  # fmt: skip
# type, name, what it demands, to whom it is assigned
_SEEDED = (
    ("windows10CompliancePolicy", "Windows 標準", _WINDOWS, ("allDevices",)),
    ("windows10CompliancePolicy", "Windows pilot", _WINDOWS, ()),
    ("iosCompliancePolicy", "iPhone", _IOS, ("group",)),
)


def _seeded(tenant: Tenant) -> Collection:
    dice, since = Dice(tenant.seed, "compliance policy"), tenant.anchor - 300 * DAY
    rows = [
        {
            "@odata.type": f"#microsoft.graph.{kind}",
            "id": dice.guid(number),
            "displayName": name,
            "description": None if number else "すべての PC",
            "version": 1 + number,
            "createdDateTime": epoch_stamp(since),
            "lastModifiedDateTime": epoch_stamp(since + number * 40 * DAY),
            **demands,
            "assignments": [_assigned(tenant, dice.guid(number), to) for to in assigned],
        }
        for number, (kind, name, demands, assigned) in enumerate(_SEEDED)
    ]
    return Collection.of("device_compliance_policies", tenant.timeline, rows)


def _assigned(tenant: Tenant, policy: str, to: str) -> Entity:
    group = tenant.groups_made.guid(0)
    target: Entity = {"@odata.type": f"#microsoft.graph.{to}AssignmentTarget"}
    if to == "group":
        target["groupId"] = group
    return {"id": f"{policy}_{group}", "target": target}


def _list(call: Call) -> Reply:
    options = read_options(call, _POLICY, frozenset({"$expand", "$select", "$top", "$filter"}))
    hidden = {"assignments"} - options.expand.keys()
    return list_reply(
        call, call.tenant.part(_seeded), _POLICY, _PATH, options=options,
        shape=lambda row: {name: value for name, value in row.items() if name not in hidden},
    )  # fmt: skip


def _change(changes: Changes, dice: Random) -> str:
    """Somebody saves a policy anew, takes it from all it was assigned to, or assigns it to all devices."""
    held = changes.tenant.part(_seeded)
    row = next(held.rows(at := dice.randrange(len(held)), at + 1), None)
    if row is None:
        return ""
    now = stamp(changes.tenant.clock.now())
    saved: Entity = {"version": row["version"] + 1, "lastModifiedDateTime": now}
    if dice.random() < 0.3:
        everybody = _assigned(changes.tenant, row["id"], "allDevices")
        saved["assignments"] = [] if row["assignments"] else [everybody]
    changes.patch("device_compliance_policies", row["id"], saved)
    return str(row["id"])


COLLECTIONS = {"device_compliance_policies": _seeded}
LIFE = (Happening("compliance policy", 0.02, _change),)
PERMISSIONS = {"DeviceManagementConfiguration.Read.All": "dc377aa6-52d8-4e23-b271-2a7ae04cedf3"}
ROUTES = (
    Route(f"/{_PATH}", _list, tuple(PERMISSIONS), SERVICE, licence=licence, refusal=not_permitted),
)
