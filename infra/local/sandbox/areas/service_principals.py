"""Service principals: the calling applications, Microsoft's and others'; what they were allowed."""

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import ONE, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import Listed, context, count_reply, list_reply, project
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.applications import applications
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.model import Tenant

_LISTS = (
    "addIns alternativeNames appRoles keyCredentials notificationEmailAddresses "
    "oauth2PermissionScopes passwordCredentials replyUrls resourceSpecificApplicationPermissions "
    "servicePrincipalNames tags"
)
PRINCIPAL = EntityType(
    name="microsoft.graph.servicePrincipal",
    directory=True,
    properties=plain_type(
        "servicePrincipal",
        "id deletedDateTime accountEnabled appDescription appDisplayName appId appOwnerOrganizationId "
        "appRoleAssignmentRequired applicationTemplateId createdByAppId description "
        "disabledByMicrosoftStatus displayName homepage info isDisabled loginUrl logoutUrl notes "
        "preferredSingleSignOnMode preferredTokenSigningKeyThumbprint samlSingleSignOnSettings "
        f"servicePrincipalType signInAudience tokenEncryptionKeyId verifiedPublisher {_LISTS}",
    ).properties,
    collections=frozenset(_LISTS.split()),
    searchable=frozenset({"displayName", "description"}),
)
_ASSIGNMENT = EntityType(
    name="microsoft.graph.appRoleAssignment",
    directory=True,
    properties=plain_type(
        "appRoleAssignment",
        "id appRoleId createdDateTime deletedDateTime principalDisplayName principalId "
        "principalType resourceDisplayName resourceId",
    ).properties,
)
_READ = ("Application.Read.All", "Directory.Read.All")


def principals(tenant: Tenant) -> Collection:
    """Every service principal of a tenant."""
    return tenant.part(applications).principals


def _assignments(tenant: Tenant) -> Collection:
    return tenant.part(applications).assignments


def _list(call: Call) -> Reply:
    options = read_options(call, PRINCIPAL)
    return list_reply(
        call, principals(call.tenant), PRINCIPAL, "servicePrincipals", options=options
    )


def _delta(call: Call) -> Reply:
    return delta_reply(call, Tracked(principals(call.tenant), PRINCIPAL, "servicePrincipals"))


def _count(call: Call) -> Reply:
    return count_reply(call, principals(call.tenant), PRINCIPAL)


def _find(call: Call) -> Entity:
    key, app_id = call.args.get("id"), call.args.get("app")
    held = principals(call.tenant)
    if key is not None:
        found = held.state(key.lower())
    else:
        found = next((r for r in held.rows(0, len(held)) if r["appId"] == app_id), None)
    if found is None:
        raise ApiError(
            404, "Request_ResourceNotFound", f"Resource '{key or app_id}' does not exist."
        )
    return found


def _one(call: Call) -> Reply:
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), PRINCIPAL, single=True)
    found = project([_find(call)], PRINCIPAL, select)[0]
    where = context(call, "servicePrincipals", select) + "/$entity"
    return json_reply({"@odata.context": where, **found})


def _given(call: Call, side: str) -> Reply:
    """The assignments that have the found one on a side."""
    options, own = read_options(call, _ASSIGNMENT), _find(call)["id"]
    held = _assignments(call.tenant)
    rows = [row for row in held.rows(0, len(held)) if row[side] == own]
    return list_reply(call, Listed(rows), _ASSIGNMENT, "appRoleAssignments", options=options)


def _to_it(call: Call) -> Reply:
    """The application permissions that an administrator consented to."""
    return _given(call, "principalId")


def _by_it(call: Call) -> Reply:
    """Who was given something that it offers."""
    return _given(call, "resourceId")


COLLECTIONS = {"service_principals": principals, "app_role_assignments": _assignments}
_ID, _APP = r"/servicePrincipals/(?P<id>[^/()]+)", r"/servicePrincipals\(appId='(?P<app>[^']+)'\)"
# What some applications of the tenant were allowed, and Kanri never asks for.
WRITING = {
    "Mail.ReadWrite": "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
    "Directory.ReadWrite.All": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
}
ROUTES = (
    Route(r"/servicePrincipals", _list, _READ),
    Route(r"/servicePrincipals/(microsoft\.graph\.)?delta", _delta, _READ),
    Route(r"/servicePrincipals/\$count", _count, _READ),
    Route(_APP, _one, _READ),
    Route(_ID, _one, _READ),
    Route(rf"{_APP}/appRoleAssignments", _to_it, _READ, cost=2),
    Route(rf"{_ID}/appRoleAssignments", _to_it, _READ, cost=2),
    Route(rf"{_ID}/appRoleAssignedTo", _by_it, _READ),
)
