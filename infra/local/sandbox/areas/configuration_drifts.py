"""Monitors of a tenant's configuration and the drifts that they have found.

A monitor runs every six hours at fixed times. A drift that is fixed is told of for 30 days. What
drifted comes on `$select` only, as why a monitor is inactive does.
"""

from datetime import datetime, timedelta
from functools import partial
from random import Random

from infra.local.sandbox.areas.tenant_configuration import (
    BUDGET,
    PATH,
    READ,
    configuration_of,
    licence,
)
from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, list_reply, project
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_MONITORS, _DRIFTS = f"{PATH}/configurationMonitors", f"{PATH}/configurationDrifts"
_MONITOR_USUAL = (
    "id createdBy createdDateTime description displayName lastModifiedBy lastModifiedDateTime mode "
    "monitorRunFrequencyInHours status tenantId"
)
_DRIFT_USUAL = (
    "id baselineResourceDisplayName firstReportedDateTime monitorId resourceInstanceIdentifier "
    "resourceType status tenantId"
)
_MONITOR = plain_type("configurationMonitor", f"{_MONITOR_USUAL} inactivationReason parameters")
_DRIFT = plain_type("configurationDrift", f"{_DRIFT_USUAL} driftedProperties")
_OFFERED = frozenset({"$select", "$filter", "$orderby", "$top"})
_TOLD = timedelta(days=30)
_SEEDED = 8


def _monitors(tenant: Tenant) -> Collection:
    dice = Dice(tenant.seed, "configuration monitor")
    by = {"user": {"id": tenant.people.guid(0), "displayName": "Administrator"}}
    made: list[Entity] = [
        {
            "id": dice.guid(n),
            "displayName": name,
            "description": "",
            "tenantId": tenant.tenant_id,
            "status": status,
            "mode": "monitorOnly",
            "monitorRunFrequencyInHours": 6,
            "inactivationReason": reason,
            "createdBy": by,
            "createdDateTime": epoch_stamp(tenant.anchor - (200 + n) * DAY),
            "lastModifiedBy": by,
            "lastModifiedDateTime": epoch_stamp(tenant.anchor - (20 + n) * DAY),
            "parameters": None,
        }
        for n, (name, status, reason) in enumerate(
            [
                ("Teams baseline", "active", None),
                ("Exchange ベースライン", "active", None),
                ("Pilot", "inactive", "Too many runs failed."),
            ]
        )
    ]
    return Collection.of("configuration_monitors", tenant.timeline, made)


def _found(tenant: Tenant, key: str, resource: Entity, monitor: str, at: str) -> Entity:
    """An active drift: a switch of a resource is not what the baseline says."""
    said = resource["properties"]
    # Properties begin with what the resource is known by: Identity, Name, DisplayName ...
    known_by = next(iter(said))
    name = min(name for name, value in said.items() if isinstance(value, bool))
    return {
        "id": key,
        "monitorId": monitor,
        "tenantId": tenant.tenant_id,
        "resourceType": resource["resourceType"],
        "baselineResourceDisplayName": resource["displayName"],
        "resourceInstanceIdentifier": {known_by: said[known_by]},
        "firstReportedDateTime": at,
        "status": "active",
        "driftedProperties": [
            {"propertyName": name, "currentValue": said[name], "desiredValue": not said[name]}
        ],
    }


def _drifts(tenant: Tenant) -> Collection:
    """Some that stand, and some that were fixed days ago (`fixedAt`, which is no property)."""
    dice, monitors = Dice(tenant.seed, "configuration drift"), _rows(tenant.part(_monitors))
    resources = _with_switches(tenant)
    made = []
    for n in range(_SEEDED):
        roll = dice.roll(n)
        at = epoch_stamp(tenant.anchor - (3 + roll[0] % 60) * DAY)
        monitor = monitors[roll[1] % 2]["id"]
        drift = _found(tenant, dice.guid(n), resources[roll[2] % len(resources)], monitor, at)
        if n % 2:
            drift |= {"status": "fixed", "fixedAt": epoch_stamp(tenant.anchor - (1 + n) * DAY)}
        made.append(drift)
    return Collection.of("configuration_drifts", tenant.timeline, made)


def _with_switches(tenant: Tenant) -> list[Entity]:
    rows = _rows(tenant.part(configuration_of).resources)
    return [row for row in rows if any(isinstance(v, bool) for v in row["properties"].values())]


def _rows(held: Collection) -> list[Entity]:
    return list(held.rows(0, len(held)))


def _reply(call: Call, rows: list[Entity], kind: EntityType, path: str, usual: str) -> Reply:
    options = read_options(call, kind, _OFFERED)
    shown = project(rows, kind, options.select or tuple(usual.split()))
    return list_reply(call, Listed(shown), kind, path, options=options)


def _list_monitors(call: Call) -> Reply:
    return _reply(call, _rows(call.tenant.part(_monitors)), _MONITOR, _MONITORS, _MONITOR_USUAL)


def _list_drifts(call: Call) -> Reply:
    def told(row: Entity) -> bool:
        fixed = row.get("fixedAt")
        return fixed is None or call.now - datetime.fromisoformat(fixed) < _TOLD

    rows = [row for row in _rows(call.tenant.part(_drifts)) if told(row)]
    return _reply(call, rows, _DRIFT, _DRIFTS, _DRIFT_USUAL)


def _run(changes: Changes, dice: Random) -> str:
    """A monitor finds a drift, or that one was fixed."""
    tenant = changes.tenant
    held, now = tenant.part(_drifts), stamp(tenant.clock.now())
    active = [row for row in _rows(held) if row["status"] == "active"]
    if active and dice.random() < 0.5:
        row = dice.choice(active)
        changes.patch(held.name, row["id"], {"status": "fixed", "fixedAt": now})
        return str(row["id"])
    resource = dice.choice(_with_switches(tenant))
    monitor = dice.choice(_rows(tenant.part(_monitors)))["id"]
    number = f"{dice.getrandbits(128):032x}"
    key = f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:]}"
    return str(changes.create(held.name, _found(tenant, key, resource, monitor, now))["id"])


def _review(changes: Changes, dice: Random) -> str:
    """A monitor is switched on or off."""
    monitor = dice.choice(_rows(changes.tenant.part(_monitors)))
    off = monitor["status"] == "active"
    changed = {
        "status": "inactive" if off else "active",
        "inactivationReason": "Switched off." if off else None,
        "lastModifiedDateTime": stamp(changes.tenant.clock.now()),
    }
    changes.patch("configuration_monitors", monitor["id"], changed)
    return str(monitor["id"])


COLLECTIONS = {"configuration_monitors": _monitors, "configuration_drifts": _drifts}
LIFE = (Happening("drift", 0.04, _run), Happening("monitor", 0.02, _review))
_route = partial(Route, permissions=READ, budget=BUDGET, licence=licence)
ROUTES = (_route(f"/{_MONITORS}", _list_monitors), _route(f"/{_DRIFTS}", _list_drifts))
