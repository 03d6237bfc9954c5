"""Counts what each size provisions, read from the Bicep files: resources, alerts, endpoints.

Knows the loops and conditions our files use, and raises KeyError for one it does not know: then it
has to be taught, rather than the table being wrong.
"""

import re
from dataclasses import dataclass
from typing import Any

from tests.infra.declarations import ALERTS, INFRA, bicep, read_json

ALERT_TYPES = {"metricAlerts", "scheduledQueryRules", "activityLogAlerts"}
_DECLARED = re.compile(
    r"^ *resource (\w+) '([\w./]+)(?:@[\w-]+)?'( existing)? = (?:\[\n *for \(?(?:\w+)(?:, \w+\))? in (\S+): |if \((.+?)\) )?",
    re.MULTILINE,
)
_MODULE = re.compile(
    r"^module (\w+) '([\w/.-]+)' = (?:\[\n *for \w+ in (\w+): |if \((.+?)\) )?", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Inventory:
    """Counts for one size with every option at its default."""

    resources: int
    alerts: int
    private_endpoints: int


def _lengths(closed: bool) -> dict[str, int]:
    storage = read_json(INFRA / "storage.json")
    return {
        **{f"content.{name}": len(items) for name, items in storage.items()},
        **{
            f"{kind}Alerts": len(read_json(ALERTS / f"{kind}-alerts.json"))
            for kind in ("log", "metric", "activity")
        },
        "storageRoles": len(
            re.findall(r"^  roles\.\w+$", bicep("modules/roles.bicep"), re.MULTILINE)
        ),
        "zones": 5,
        "storageEndpoints": 3 if closed else 0,
    }


def _conditions(shape: dict[str, Any]) -> dict[str, bool]:
    closed = shape["private"]
    return {
        "closed": closed,
        "!private": not closed,
        "!private && !empty(operatorAddress)": False,
        "tier != 'Burstable'": shape["databaseTier"] != "Burstable",
        "closed && privateApi": False,
        "frontDoor": shape["zoneRedundant"],  # the size production, by default
        "shape.availabilityTest && !(closed && privateApi)": shape["availabilityTest"],
    }


def _resources(file: str, shape: dict[str, Any]) -> list[str]:
    """Return the type of every resource that one file declares for this size."""
    lengths, conditions = _lengths(shape["private"]), _conditions(shape)
    found = []
    for _, kind, existing, loop, condition in _DECLARED.findall(bicep(file)):
        if existing:
            continue
        count = lengths[loop] if loop else int(conditions[condition]) if condition else 1
        found += [kind.split("/")[-1]] * count
    return found


def inventory(size: str) -> Inventory:
    """Return the counts for `size`, child resources included."""
    shape = read_json(INFRA / "sizes.json")[size]
    lengths, conditions = _lengths(shape["private"]), _conditions(shape)
    found = _resources("main.bicep", shape)
    for _, file, loop, condition in _MODULE.findall(bicep("main.bicep")):
        count = lengths[loop] if loop else int(conditions[condition]) if condition else 1
        found += _resources(file, shape) * count
    # The subscription of the vault's events is an alert of Azure Monitor too, as is smart detection.
    others = found.count("eventSubscriptions") + found.count("smartDetectorAlertRules")
    return Inventory(
        resources=len(found),
        alerts=sum(found.count(kind) for kind in ALERT_TYPES) + others,
        private_endpoints=found.count("privateEndpoints"),
    )
