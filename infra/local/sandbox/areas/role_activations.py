"""Directory roles in force, assigned or activated for some hours (PIM), which needs Entra ID P2."""

from datetime import timedelta
from functools import partial
from random import Random

from infra.local.sandbox.areas.role_eligibilities import needs_pim
from infra.local.sandbox.areas.roles import with_expanded
from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.roles import activated

_INSTANCE = plain_type(
    "unifiedRoleAssignmentScheduleInstance",
    "id principalId roleDefinitionId directoryScopeId appScopeId assignmentType memberType "
    "startDateTime endDateTime roleAssignmentOriginId roleAssignmentScheduleId",
    expandable="principal roleDefinition activatedUsing",
)
_INSTANCES = "roleManagement/directory/roleAssignmentScheduleInstances"
_READ = (
    "RoleAssignmentSchedule.Read.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "RoleManagement.Read.All",
)
_LASTS = timedelta(hours=8)


def _activations(tenant: Tenant) -> Collection:
    """Of assignments that somebody activated: from when until when, by the assignment's id."""
    seeded = _lasting(tenant.role_activated, tenant.anchor - 3_600)
    return Collection.of("role_activations", tenant.timeline, [seeded])


def _lasting(assignment: Entity, start: int) -> Entity:
    until = start + int(_LASTS.total_seconds())
    return {
        "id": assignment["id"],
        "startDateTime": epoch_stamp(start),
        "endDateTime": epoch_stamp(until),
    }


def _of_tenant(tenant: Tenant) -> Collection:
    return tenant.part(_activations)


def _instance(row: Entity, activation: Entity | None) -> Entity:
    found = {name: value for name, value in row.items() if name in _INSTANCE.properties}
    return {
        "startDateTime": None,
        "endDateTime": None,
        **found,
        **(activation or {}),
        "assignmentType": "Activated" if activation else "Assigned",
        "memberType": "Direct",
        "roleAssignmentOriginId": row["id"],
        "roleAssignmentScheduleId": row["id"],
    }


def _list(call: Call) -> Reply:
    options = read_options(call, _INSTANCE, frozenset({"$select", "$filter", "$expand"}))
    assigned, activated = call.tenant.role_assignments, _of_tenant(call.tenant)
    now = stamp(call.now)
    rows = [
        _instance(row, activation)
        for row in assigned.rows(0, len(assigned))
        for activation in (activated.state(row["id"]),)
        if activation is None or activation["endDateTime"] > now
    ]
    return list_reply(
        call, Listed(rows), _INSTANCE, _INSTANCES, options=options, paging=Paging(),
        shape=partial(with_expanded, call, options) if options.expand else None,
    )  # fmt: skip


def _change(changes: Changes, dice: Random) -> str:
    """Somebody activates a role that he is eligible for; what has ended is taken from him."""
    tenant, held = changes.tenant, _of_tenant(changes.tenant)
    now = tenant.clock.now()
    for row in list(held.rows(0, len(held))):
        if row["endDateTime"] <= stamp(now):
            if tenant.role_assignments.state(row["id"]) is not None:
                changes.delete("role_assignments", row["id"])
            changes.delete("role_activations", row["id"])
    able = list(tenant.role_eligibilities.rows(0, len(tenant.role_eligibilities)))
    if not able:
        return ""
    made = activated(dice.choice(able), f"{dice.getrandbits(88):022x}")
    changes.create("role_assignments", made)
    changes.create("role_activations", _lasting(made, int(now.timestamp())))
    return str(made["id"])


COLLECTIONS = {"role_activations": _of_tenant}
LIFE = (Happening("role activation", 0.03, _change),)
PERMISSIONS = {"RoleAssignmentSchedule.Read.Directory": "d5fe8ce8-684c-4c83-a52c-46e882ce4be1"}
ROUTES = (Route(f"/{_INSTANCES}", _list, _READ, licence=needs_pim),)
