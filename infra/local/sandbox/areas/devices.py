"""Devices of the directory: list, one device, change tracking.

Shapes: the device resource page. Most of them Intune manages too, some are in one of the two lists
only; what Intune thinks of a device arrives here later, when the device signs in.
"""

from random import Random

from infra.local.sandbox.areas.managed_devices import Devices as Managed
from infra.local.sandbox.areas.managed_devices import managed
from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import ONE, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import context, count_reply, list_reply, project
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_COLLECTIONS = "alternativeSecurityIds physicalIds systemLabels"
DEVICE = EntityType(
    name="microsoft.graph.device",
    directory=True,
    properties=plain_type(
        "device",
        "id deletedDateTime accountEnabled approximateLastSignInDateTime complianceExpirationDateTime "
        "deviceCategory deviceId deviceMetadata deviceOwnership deviceVersion displayName "
        "enrollmentProfileName enrollmentType isCompliant isManaged isManagementRestricted isRooted "
        "managementType manufacturer mdmAppId model onPremisesLastSyncDateTime "
        "onPremisesSecurityIdentifier onPremisesSyncEnabled operatingSystem operatingSystemVersion "
        f"profileType registrationDateTime trustType {_COLLECTIONS}",
    ).properties,
    collections=frozenset(_COLLECTIONS.split()),
    searchable=frozenset({"displayName"}),
    free_order=frozenset({"displayName"}),
)
_SYSTEMS = {
    "macOS": "MacMDM",
    "iOS": "IPhone",
    "Android": "AndroidForWork",
}  # else as Intune has it
_STALE_DAYS = 200
_SIGN_IN_EVERY = 14 * DAY


class Devices:
    """Makes the devices: one for each that Intune manages, and a fifth more that nobody does."""

    def __init__(self, tenant: Tenant) -> None:
        self._managed: Managed = tenant.part(managed)
        self._anchor = tenant.anchor
        self._dice = Dice(tenant.seed, "directory device")
        self._hardware = self._managed.hardware
        self._of_intune = self._managed.collection.size
        size = self._of_intune + self._of_intune // 5 + 1
        self.collection = Collection("devices", tenant.timeline, size, self.make, self._dice.index)

    def make(self, index: int) -> Entity | None:
        """The device of a number; a few that Intune manages are not in the directory."""
        roll = self._dice.roll(index)
        enrolled = self._managed.make(index) if index < self._of_intune else None
        if enrolled is not None and roll[0] < 8:
            return None
        # What is somebody's own is forgotten sooner than what the company counts.
        stale = roll[1] < 64 if enrolled is None else self._managed.is_silent(index)
        seen = self._anchor - (_STALE_DAYS * DAY if stale else 0) - roll[2] * _SIGN_IN_EVERY // 256
        registered = seen - (30 + (roll[3] << 8 | roll[4]) % 1_500) * DAY
        device: Entity = {
            "id": self._dice.guid(index),
            "deviceId": self._hardware.guid(index),
            "accountEnabled": roll[5] > 10,
            "approximateLastSignInDateTime": epoch_stamp(seen) if roll[6] > 3 else None,
            "registrationDateTime": epoch_stamp(registered),
            "deviceVersion": 2,
        }
        return device | (self._joined(enrolled, roll) if enrolled else _registered(index, roll))

    def _joined(self, enrolled: Entity, roll: bytes) -> Entity:
        system = enrolled["operatingSystem"]
        windows = system == "Windows"
        hybrid = windows and roll[7] < 60
        return {
            "displayName": enrolled["deviceName"],
            "operatingSystem": _SYSTEMS.get(system, system),
            "operatingSystemVersion": enrolled["osVersion"],
            "trustType": "ServerAd" if hybrid else "AzureAd" if windows else "Workplace",
            "isManaged": True,
            "isCompliant": self.is_compliant(enrolled),
            "managementType": "MDM",
            "manufacturer": enrolled["manufacturer"],
            "model": enrolled["model"],
            "profileType": "RegisteredDevice",
            **({"onPremisesSyncEnabled": True} if hybrid else {}),
        }

    @staticmethod
    def is_compliant(enrolled: Entity) -> bool:
        """What Entra makes of a state of Intune's: within its grace period a device passes."""
        return enrolled["complianceState"] in ("compliant", "inGracePeriod")

    def enrolled(self, device: Entity) -> Entity | None:
        """The same device as Intune has it now; None if Intune does not."""
        index = self._hardware.index(device["deviceId"])
        if index is None or index >= self._of_intune:
            return None
        return self._managed.collection.state(self._managed.guid(index))


def _registered(index: int, roll: bytes) -> Entity:
    """A device of somebody's own: he has added his account to it, and nobody manages it."""
    system, version = (("Windows", "10.0.22631.5472"), ("IPhone", "18.5"), ("Android", "15"))[
        roll[8] % 3
    ]
    return {
        "displayName": f"PRIVATE-{system.upper()}-{index:05d}",
        "operatingSystem": system,
        "operatingSystemVersion": version,
        "trustType": "Workplace",
        "profileType": "RegisteredDevice",
        # Never judged: neither is there, or managed is said to be false.
        **({"isManaged": False} if roll[9] < 128 else {}),
    }


def devices(tenant: Tenant) -> Devices:
    """The devices of a tenant."""
    return Devices(tenant)


def _collection(tenant: Tenant) -> Collection:
    return tenant.part(devices).collection


def _list(call: Call) -> Reply:
    return list_reply(
        call, _collection(call.tenant), DEVICE, "devices", options=read_options(call, DEVICE)
    )


def _one(call: Call) -> Reply:
    refuse_options(call.query, ONE)
    device = _collection(call.tenant).state(call.args["id"].lower())
    if device is None:
        text = f"Resource '{call.args['id']}' does not exist."
        raise ApiError(404, "Request_ResourceNotFound", text)
    select = read_select(call.query.get("$select"), DEVICE, single=True)
    found = project([device], DEVICE, select)[0]
    return json_reply({"@odata.context": context(call, "devices", select) + "/$entity", **found})


def _delta(call: Call) -> Reply:
    return delta_reply(call, Tracked(_collection(call.tenant), DEVICE, "devices"))


def _change(changes: Changes, dice: Random) -> str:
    """A device signs in, is switched off or on, or is cleaned away."""
    held = changes.tenant.part(devices)
    position = dice.randrange(len(held.collection))
    rows = list(held.collection.rows(position, position + 1))
    if not rows:
        return ""
    device, draw = rows[0], dice.random()
    if draw < 0.1:
        changes.delete("devices", device["id"])
    elif draw < 0.2:
        enabled = {"accountEnabled": not device["accountEnabled"]}
        changes.patch("devices", device["id"], enabled)
    else:
        seen: Entity = {"approximateLastSignInDateTime": stamp(changes.tenant.clock.now())}
        enrolled = held.enrolled(device)
        if enrolled is not None:
            seen["isCompliant"] = held.is_compliant(enrolled)
            seen["operatingSystemVersion"] = enrolled["osVersion"]
        changes.patch("devices", device["id"], seen)
    return str(device["id"])


COLLECTIONS = {"devices": _collection}
LIFE = (Happening("device", 0.08, _change),)
PERMISSIONS = {"Device.Read.All": "7438b122-aefc-4978-80ed-43db9fcc7715"}
_READ = (*PERMISSIONS, "Directory.Read.All")
ROUTES = (
    Route(r"/devices", _list, _READ),
    Route(r"/devices/(microsoft\.graph\.)?delta", _delta, _READ),
    Route(
        r"/devices/\$count", lambda call: count_reply(call, _collection(call.tenant), DEVICE), _READ
    ),
    Route(r"/devices/(?P<id>[^/]+)", _one, _READ),
)
