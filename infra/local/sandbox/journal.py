"""The sandbox's own memory: the exact objects the API would have returned at a past instant."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.odata.pages import project
from infra.local.sandbox.odata.schema import GROUP, USER, EntityType, plain_type
from infra.local.sandbox.scan import united
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.health import overviews
from infra.local.sandbox.tenant.model import Tenant

type Objects = dict[str, Any]

_WHOLE = plain_type("entity", "")
_KINDS: dict[str, EntityType] = {"users": USER, "groups": GROUP}
# Data sets that follow from others, or only grow: their present is all there is to know.
_PRESENT: dict[str, Callable[[Tenant], list[Entity]]] = {
    "organization": lambda tenant: [tenant.organization()],
    "domains": Tenant.domains,
    "subscribed_skus": Tenant.subscribed_skus,
    "subscriptions": Tenant.subscriptions,
    "health_overviews": lambda tenant: overviews(list(tenant.issues.rows(0, len(tenant.issues)))),
    "sign_ins": lambda tenant: tenant.sign_ins.log.all(),
    "directory_audits": lambda tenant: tenant.audits.log.all(),
}


def state_at(
    tenant: Tenant, dataset: str, moment: datetime | None, *, wall: bool, select: list[str] | None
) -> dict[str, Any]:
    """`{"sequence", "now", "wall", "objects": {id: object}}` of a data set at `moment`.

    `moment` (None: the present) is wall-clock time, or sandbox time with `wall=False`. Objects
    carry the properties of `select`, or everything they have. `members` answers edges keyed
    `groupId/memberId`. Raises ValueError for the past of a data set that keeps none.
    """
    line = tenant.timeline
    sequence = line.sequence if moment is None else line.at(moment, wall=wall)
    if dataset in _PRESENT:
        if moment is not None:
            raise ValueError(f"only the present of {dataset} is known")
        found = {row["id"]: row for row in _PRESENT[dataset](tenant)}
    elif dataset in united("LOGS"):
        if moment is not None:
            raise ValueError(f"only the present of {dataset} is known")
        found = tenant.part(united("LOGS")[dataset]).told(tenant.clock.now())
    else:
        found = _objects(tenant, dataset, sequence, select)
    return {
        "sequence": sequence,
        "now": stamp(line.instant(sequence)),
        "wall": line.wall(sequence).isoformat(),
        "objects": found,
    }


def _members(tenant: Tenant, sequence: int) -> Objects:
    return {
        f"{group}/{member}": {"groupId": group, "memberId": member}
        for group, members in tenant.memberships.at(sequence).items()
        if tenant.groups.state(group, sequence) is not None
        for member in members
    }


def _objects(tenant: Tenant, dataset: str, sequence: int, select: list[str] | None) -> Objects:
    if dataset == "members":
        return _members(tenant, sequence)
    if dataset == tenant.activity.name:
        users = tenant.users.rows(0, len(tenant.users), sequence)
        return {user["id"]: _activity(tenant, user["id"], sequence) for user in users}
    collection = tenant.collections[dataset]
    rows = list(collection.rows(0, len(collection), sequence))
    kind = _KINDS.get(dataset, _WHOLE)
    shown = project(rows, kind, tuple(select)) if select else rows
    return {row["id"]: item for row, item in zip(rows, shown, strict=True)}


def _activity(tenant: Tenant, user: str, sequence: int) -> Entity:
    held = tenant.activity.state(user, sequence)
    return {"id": user, "signInActivity": held["signInActivity"] if held else None}


def lives(tenant: Tenant, dataset: str, select: list[str] | None) -> dict[str, list[list[Any]]]:
    """What was ever true: id to `[wall-clock instant, object]`, oldest first, None while it is absent.

    The first entry of a seeded object is the tenant's beginning. Raises ValueError for a data set
    that keeps no past.
    """
    found: dict[str, list[list[Any]]] = {}
    before: Objects = {}
    for sequence in (0, *_turning_points(tenant, dataset)):
        wall = tenant.timeline.wall(sequence).isoformat()
        now = _objects(tenant, dataset, sequence, select)
        for key in before.keys() | now.keys():
            if before.get(key) != now.get(key):
                found.setdefault(key, []).append([wall, now.get(key)])
        before = now
    return found


def _turning_points(tenant: Tenant, dataset: str) -> list[int]:
    """The sequence numbers at which a data set changed."""
    if dataset in _PRESENT or dataset in united("LOGS"):
        raise ValueError(f"only the present of {dataset} is known")
    if dataset == "members":
        logs = [tenant.groups.log, [(entry[0], "") for entry in tenant.memberships.log]]
    elif dataset == tenant.activity.name:
        logs = [tenant.activity.log, tenant.users.log]
    else:
        logs = [tenant.collections[dataset].log]
    return sorted({sequence for log in logs for sequence, _key in log})
