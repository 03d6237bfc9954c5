"""Directory roles: definitions and assignments."""

from functools import partial

from infra.local.sandbox.areas.groups import member_object
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import ALL, Options, read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity

_DEFINITION = plain_type(
    "unifiedRoleDefinition",
    "id templateId displayName description isBuiltIn isEnabled version resourceScopes rolePermissions",
)
_ASSIGNMENT = plain_type(
    "unifiedRoleAssignment",
    "id principalId roleDefinitionId directoryScopeId appScopeId condition principalOrganizationId",
    expandable="principal roleDefinition",
)
_READ = ("RoleManagement.Read.Directory", "Directory.Read.All")
_DEFINITIONS = "roleManagement/directory/roleDefinitions"
_ASSIGNMENTS = "roleManagement/directory/roleAssignments"


def _definitions(call: Call) -> Reply:
    options = read_options(call, _DEFINITION, ALL - {"$search"})
    return list_reply(
        call, call.tenant.role_definitions, _DEFINITION, _DEFINITIONS, options=options
    )


def with_expanded(call: Call, options: Options, row: Entity) -> Entity:
    """An assignment or an eligibility with the principal and the role that `$expand` asks for."""
    more: Entity = {}
    if "principal" in options.expand:
        more["principal"] = member_object(call, row["principalId"], options.expand["principal"])
    if "roleDefinition" in options.expand:
        chosen = options.expand["roleDefinition"]
        found = call.tenant.role_definitions.state(row["roleDefinitionId"]) or {}
        more["roleDefinition"] = {k: v for k, v in found.items() if not chosen or k in chosen}
    return {**row, **more}


def _assignments(call: Call) -> Reply:
    options = read_options(call, _ASSIGNMENT, ALL - {"$search"})
    return list_reply(
        call, call.tenant.role_assignments, _ASSIGNMENT, _ASSIGNMENTS, options=options,
        paging=Paging(), shape=partial(with_expanded, call, options) if options.expand else None,
    )  # fmt: skip


ROUTES = (
    Route(f"/{_DEFINITIONS}", _definitions, _READ),
    Route(f"/{_ASSIGNMENTS}", _assignments, _READ),
)
