"""The sandbox's own memory: the exact objects the API would have returned at a past instant."""

from datetime import datetime
from typing import Any

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.odata.pages import project
from infra.local.sandbox.odata.schema import GROUP, USER, EntityType, plain_type
from infra.local.sandbox.tenant.model import Tenant

_WHOLE = plain_type("entity", "")
_KINDS: dict[str, EntityType] = {"users": USER, "groups": GROUP}


def state_at(
    tenant: Tenant, dataset: str, moment: datetime | None, *, wall: bool, select: list[str] | None
) -> dict[str, Any]:
    """`{"sequence", "now", "wall", "objects": {id: object}}` of a data set at `moment`.

    `moment` (None: the present) is wall-clock time, or sandbox time with `wall=False`. Objects
    carry the properties of `select`, or everything they have. `members` answers edges keyed
    `groupId/memberId`.
    """
    line = tenant.timeline
    sequence = line.sequence if moment is None else line.at(moment, wall=wall)
    found: dict[str, Any] = {}
    if dataset == "members":
        for group, members in tenant.memberships.at(sequence).items():
            if tenant.groups.state(group, sequence) is not None:
                for member in members:
                    found[f"{group}/{member}"] = {"groupId": group, "memberId": member}
    elif dataset == tenant.activity.name:
        for user in tenant.users.rows(0, len(tenant.users), sequence):
            held = tenant.activity.state(user["id"], sequence) or {"signInActivity": None}
            found[user["id"]] = {"id": user["id"], "signInActivity": held["signInActivity"]}
    else:
        collection = tenant.collections[dataset]
        rows = list(collection.rows(0, len(collection), sequence))
        kind = _KINDS.get(dataset, _WHOLE)
        shown = project(rows, kind, tuple(select)) if select else rows
        found = {row["id"]: item for row, item in zip(rows, shown, strict=True)}
    return {
        "sequence": sequence,
        "now": stamp(line.instant(sequence)),
        "wall": line.wall(sequence).isoformat(),
        "objects": found,
    }
