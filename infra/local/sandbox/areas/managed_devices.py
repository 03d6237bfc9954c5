"""Managed devices: what Intune knows of phones and computers.

Shapes and unknown instants: the managedDevice resource page; refusals: issues of the Intune samples and
of the documentation (the message of an error is JSON itself).
"""

from datetime import datetime
from random import Random
from typing import Any

import msgspec

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import ALL, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import Paging, context, list_reply, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.people import Kind
from infra.local.sandbox.throttling import Limit

NEVER, ENDLESS = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
SERVICE = "intune"
_PATH = "deviceManagement/managedDevices"
_DEVICE = plain_type(
    "managedDevice",
    "id activationLockBypassCode androidSecurityPatchLevel azureADDeviceId azureADRegistered "
    "complianceGracePeriodExpirationDateTime complianceState configurationManagerClientEnabledFeatures "
    "deviceActionResults deviceCategoryDisplayName deviceEnrollmentType deviceHealthAttestationState "
    "deviceName deviceRegistrationState easActivated easActivationDateTime easDeviceId emailAddress "
    "enrolledDateTime enrollmentProfileName ethernetMacAddress exchangeAccessState "
    "exchangeAccessStateReason exchangeLastSuccessfulSyncDateTime freeStorageSpaceInBytes iccid imei "
    "isEncrypted isSupervised jailBroken lastSyncDateTime managedDeviceName managedDeviceOwnerType "
    "managementAgent managementCertificateExpirationDate managementState manufacturer meid model notes "
    "operatingSystem osVersion partnerReportedThreatState phoneNumber physicalMemoryInBytes "
    "remoteAssistanceSessionErrorDetails remoteAssistanceSessionUrl requireUserEnrollmentApproval "
    "serialNumber subscriberCarrier totalStorageSpaceInBytes udid userDisplayName userId "
    "userPrincipalName wiFiMacAddress",
    collections="deviceActionResults",
)
# of 256: system, versions, maker and model, what enrolled it
_SYSTEMS = (
    (166, "Windows", ("10.0.26100.4652", "10.0.22631.5472", "10.0.19045.5965"), "Dell Inc.", "Latitude 5450",
     "windowsAzureADJoin"),
    (212, "iOS", ("18.5", "17.7.2"), "Apple", "iPhone 15", "userEnrollment"),
    (238, "Android", ("15.0", "13.0"), "Samsung", "SM-S921Q", "userEnrollment"),
    (256, "macOS", ("15.5 (24F74)", "14.7.6 (23H626)"), "Apple", "MacBookPro18,3", "userEnrollment"),
)  # fmt: skip
_STATES = ((214, "compliant"), (232, "noncompliant"), (240, "inGracePeriod"), (246, "unknown"),
           (250, "conflict"), (253, "error"), (256, "configManager"))  # fmt: skip
_SYNC_EVERY = (DAY // 3, DAY // 3, DAY, 3 * DAY)
_STALE_DAYS = 200


class Devices:
    """Makes the devices: one for each user, for every third a second one."""

    def __init__(self, tenant: Tenant) -> None:
        self._people = tenant.people
        self._anchor = tenant.anchor
        self._dice = Dice(tenant.seed, "managed device")
        self.hardware = Dice(tenant.seed, "device of the directory")
        size = self._people.count + self._people.count // 3
        self.collection = Collection(
            "managed_devices", tenant.timeline, size, self.make, self._dice.index
        )

    def guid(self, index: int) -> str:
        """The id of the device of a number."""
        return self._dice.guid(index)

    def is_silent(self, index: int) -> bool:
        """Whether the device of a number has not been used for long."""
        return _is_silent(self._dice.roll(index))

    def make(self, index: int) -> Entity:
        """The device of a number; who is no employee leaves a shared device without user."""
        roll = self._dice.roll(index)
        _share, system, versions, maker, model, enrolment = next(
            row for row in _SYSTEMS if roll[0] < row[0]
        )
        state = next(name for share, name in _STATES if roll[1] < share)
        enrolled = self._anchor - (1 + (roll[2] << 8 | roll[3]) % 1_200) * DAY - roll[4] * 300
        owner = index % self._people.count
        owned = self._people.kind(owner) in (Kind.MEMBER, Kind.DISABLED)
        number = index % 40 if roll[5] < 6 else index  # now and then two have the same name
        name = f"{'DESKTOP' if system == 'Windows' else system.upper()}-{number:05d}"
        storage = (128 << roll[6] % 3) * 1_000_000_000
        return {
            "id": self._dice.guid(index),
            "deviceName": name,
            "managedDeviceName": f"{name}_{system}_{epoch_stamp(enrolled)[:10]}",
            "operatingSystem": system,
            "osVersion": versions[roll[7] % len(versions)],
            "manufacturer": maker,
            "model": model,
            "serialNumber": roll[8:14].hex().upper() if roll[14] > 3 else "",
            "azureADDeviceId": self.hardware.guid(index),
            "azureADRegistered": True if roll[15] > 4 else None,
            "complianceState": state,
            "complianceGracePeriodExpirationDateTime": epoch_stamp(self._anchor + 3 * DAY)
            if state == "inGracePeriod"
            else (NEVER if state == "unknown" else ENDLESS),
            "isEncrypted": roll[16] < 226,
            "jailBroken": "Unknown" if system in ("Windows", "macOS") else "False" if roll[17] > 2 else "True",
            "managedDeviceOwnerType": "company" if system == "Windows" or roll[18] < 120 else "personal",
            "enrolledDateTime": epoch_stamp(enrolled),
            "lastSyncDateTime": epoch_stamp(self._synced(roll, float(self._anchor))),
            "freeStorageSpaceInBytes": storage * roll[19] // 300,
            "totalStorageSpaceInBytes": storage,
            **(self._owner(owner) if owned else _OF_NOBODY),
            "deviceEnrollmentType": enrolment if owned else "windowsBulkUserless",
            **_ALIKE,
        }  # fmt: skip

    def _owner(self, owner: int) -> Entity:
        roll = self._people.roll(owner)
        upn, display = self._people.names(owner, roll, self._people.kind(owner, roll))
        return {
            "userId": self._people.guid(owner), "userPrincipalName": upn, "userDisplayName": display,
            "emailAddress": upn,
        }  # fmt: skip

    def _synced(self, roll: bytes, now: float) -> int:
        """The last time a device reported; one in forty has been silent since long before the seed."""
        if _is_silent(roll):
            return self._anchor - _STALE_DAYS * DAY - roll[21] * 3_600
        every = _SYNC_EVERY[roll[22] % len(_SYNC_EVERY)]
        phase = int.from_bytes(roll[23:26]) % every
        return int(now - (now - phase) % every)

    def shown(self, device: Entity, now: datetime) -> Entity:
        """A device as it is told now: what it reports by itself moves with the time."""
        index = self._dice.index(device["id"])
        if index is None or device["lastSyncDateTime"] is None:  # told by an administrator
            return device
        synced = epoch_stamp(self._synced(self._dice.roll(index), now.timestamp()))
        return {**device, "lastSyncDateTime": max(device["lastSyncDateTime"], synced)}


def _is_silent(roll: bytes) -> bool:
    return roll[20] < 6


_OF_NOBODY = {"userId": "", "userPrincipalName": "", "userDisplayName": "", "emailAddress": ""}
# What the metadata says is never null, and does not differ here.
_ALIKE: Entity = {
    "deviceRegistrationState": "registered",
    "easActivated": False,
    "easActivationDateTime": NEVER,
    "exchangeAccessState": "none",
    "exchangeAccessStateReason": "none",
    "exchangeLastSuccessfulSyncDateTime": NEVER,
    "isSupervised": False,
    "managementAgent": "mdm",
    "managementCertificateExpirationDate": ENDLESS,
    "managementState": "managed",
    "partnerReportedThreatState": "unknown",
    "physicalMemoryInBytes": 0,
    "deviceActionResults": [],
    "notes": None,
}


def managed(tenant: Tenant) -> Devices:
    """The managed devices of a tenant."""
    return Devices(tenant)


def _collection(tenant: Tenant) -> Collection:
    return tenant.part(managed).collection


def _told(call: Call, text: str) -> str:
    """The message of an Intune error: JSON, line ends and all."""
    facts: dict[str, Any] = {
        "_version": 3,
        "Message": f"{text} - Operation ID (for customer support): {'0' * 8}-0000-0000-0000-{'0' * 12}"
        f" - Activity ID: {call.request.request_id} - Url: https://fef.sandbox.manage.microsoft.com/"
        f"DeviceFE/StatelessDeviceFEService/{_PATH}?api-version=2025-07-02",
        "CustomApiErrorPhrase": "",
        "RetryAfter": None,
        "ErrorSourceService": "",
        "HttpHeaders": "{}",
    }
    return msgspec.json.format(msgspec.json.encode(facts), indent=2).decode().replace("\n", "\r\n")


def not_permitted(call: Call, permissions: tuple[str, ...]) -> ApiError:
    text = "Application is not authorized to perform this operation. Application must have one of the following scopes: "
    return ApiError(403, "Forbidden", _told(call, text + ", ".join(permissions)))


def licence(call: Call) -> None:
    if SERVICE in call.tenant.not_bought:
        text = _told(call, "Request not applicable to target tenant.")
        raise ApiError(400, "BadRequest", text)


def _list(call: Call) -> Reply:
    options = read_options(call, _DEVICE, ALL - {"$expand", "$search"})
    devices = call.tenant.part(managed)
    return list_reply(
        call, devices.collection, _DEVICE, _PATH, options=options, paging=Paging(1_000, 1_000),
        shape=lambda device: devices.shown(device, call.now),
    )  # fmt: skip


def _one(call: Call) -> Reply:
    refuse_options(call.query, frozenset({"$select"}))
    devices = call.tenant.part(managed)
    device = devices.collection.state(call.args["id"].lower())
    if device is None:
        raise ApiError(404, "NotFound", _told(call, "Device does not exist."))
    select = read_select(call.query.get("$select"), _DEVICE)
    found = project([devices.shown(device, call.now)], _DEVICE, select)[0]
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity", select), **found})


def _change(changes: Changes, dice: Random) -> str:
    """A device is judged anew, updated or given to the scrap heap."""
    held = changes.tenant.part(managed).collection
    rows = list(held.rows(*_somewhere(len(held), dice)))
    if not rows:
        return ""
    device, draw = rows[0], dice.random()
    if draw < 0.1:
        changes.delete("managed_devices", device["id"])
    elif draw < 0.7:
        state = dice.choice(
            [name for _share, name in _STATES[:3] if name != device["complianceState"]]
        )
        until = epoch_stamp(int(changes.tenant.clock.now().timestamp()) + 3 * DAY)
        changes.patch("managed_devices", device["id"], {
            "complianceState": state,
            "complianceGracePeriodExpirationDateTime": until if state == "inGracePeriod" else ENDLESS,
        })  # fmt: skip
    else:
        changes.patch("managed_devices", device["id"], {"osVersion": f"{device['osVersion']}.1"})
    return str(device["id"])


def _somewhere(size: int, dice: Random) -> tuple[int, int]:
    position = dice.randrange(size)
    return position, position + 1


COLLECTIONS = {"managed_devices": _collection}
LIFE = (Happening("managed device", 0.08, _change),)
LIMITS = {SERVICE: (Limit(2_000, 20.0), Limit(4_000, 20.0, scope="Tenant"))}
PERMISSIONS = {"DeviceManagementManagedDevices.Read.All": "2f51be20-0bb4-4fed-bf7b-db946066c75e"}
_READ = tuple(PERMISSIONS)
ROUTES = (
    Route(f"/{_PATH}", _list, _READ, SERVICE, licence=licence, refusal=not_permitted),
    Route(f"/{_PATH}/(?P<id>[^/]+)", _one, _READ, SERVICE, licence=licence, refusal=not_permitted),
)
