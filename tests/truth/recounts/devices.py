"""Devices: which list has each, and how many are compliant by which."""

from collections import Counter

from tests.truth.world import Figures, World

_OF_ENTRA = {True: "compliant", False: "noncompliant", None: None}


def recount(world: World) -> Figures:
    rows = world.answered("devices")
    managed = {one["azureADDeviceId"]: one for one in world.has("managed_devices")}
    places: Counter[str] = Counter()
    states: Counter[str | None] = Counter()
    for device in world.has("devices"):
        twin = managed.pop(device["deviceId"], None)
        places["both" if twin else "entra"] += 1
        states[twin["complianceState"] if twin else _OF_ENTRA[device.get("isCompliant")]] += 1
    places["intune"] += len(managed)
    states.update(one["complianceState"] for one in managed.values())
    yield "lists", Counter(row["found_in"] for row in rows), places
    yield "compliance", Counter(row["compliance"] for row in rows), states
