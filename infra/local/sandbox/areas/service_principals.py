"""Service principals: the calling applications, Graph itself, and consented permissions."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, context, count_reply, list_reply
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.apps import GRAPH_APP_ID, App, known_permissions
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

PRINCIPAL = EntityType(
    name="microsoft.graph.servicePrincipal",
    directory=True,
    properties=plain_type(
        "servicePrincipal",
        "id appId displayName appDisplayName accountEnabled servicePrincipalType "
        "appRoleAssignmentRequired appOwnerOrganizationId servicePrincipalNames tags appRoles "
        "replyUrls alternativeNames createdDateTime",
    ).properties,
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
_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # the tenant that owns Microsoft's applications


def _graph_id(call: Call) -> str:
    return Dice(call.tenant.seed, "service principal").guid(0)


def _principal(call: Call, app_id: str, key: str, name: str, roles: list[Entity]) -> Entity:
    owner = _MICROSOFT if app_id == GRAPH_APP_ID else call.tenant.tenant_id
    return {
        "id": key,
        "appId": app_id,
        "displayName": name,
        "appDisplayName": name,
        "accountEnabled": True,
        "servicePrincipalType": "Application",
        "appRoleAssignmentRequired": False,
        "appOwnerOrganizationId": owner,
        "servicePrincipalNames": [app_id],
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "replyUrls": [],
        "alternativeNames": [],
        "appRoles": roles,
    }


def principals(call: Call) -> list[Entity]:
    """Every service principal of the tenant."""
    roles: list[Entity] = [
        {
            "id": key,
            "value": name,
            "displayName": f"Permission {name}",
            "description": f"Allows the app {name} without a signed-in user.",
            "allowedMemberTypes": ["Application"],
            "isEnabled": True,
            "origin": "Application",
        }
        for name, key in known_permissions().items()
    ]
    own = [
        _principal(call, app.app_id, app.object_id, app.display_name, [])
        for app in call.tenant.apps.values()
    ]
    return [*own, _principal(call, GRAPH_APP_ID, _graph_id(call), "Microsoft Graph", roles)]


def _list(call: Call) -> Reply:
    options = read_options(call, PRINCIPAL)
    return list_reply(
        call, Listed(principals(call)), PRINCIPAL, "servicePrincipals", options=options
    )


def _count(call: Call) -> Reply:
    return count_reply(call, Listed(principals(call)), PRINCIPAL)


def _find(call: Call) -> Entity:
    key, app_id = call.args.get("id"), call.args.get("app")
    for row in principals(call):
        if row["id"] == key or row["appId"] == app_id:
            return row
    raise ApiError(404, "Request_ResourceNotFound", f"Resource '{key or app_id}' does not exist.")


def _one(call: Call) -> Reply:
    return json_reply(
        {"@odata.context": context(call, "servicePrincipals") + "/$entity", **_find(call)}
    )


def _app_of(call: Call, key: str) -> App | None:
    return next((app for app in call.tenant.apps.values() if app.object_id == key), None)


def _assignments(call: Call) -> Reply:
    """The application permissions that an administrator consented to."""
    options = read_options(call, _ASSIGNMENT)
    found = _find(call)
    app = _app_of(call, found["id"])
    dice = Dice(call.tenant.seed, f"consent {found['id']}")
    known = known_permissions()
    rows = [
        {
            "id": dice.guid(list(known).index(name)),
            "deletedDateTime": None,
            "appRoleId": known[name],
            "createdDateTime": epoch_stamp(call.tenant.anchor - 86_400),
            "principalDisplayName": found["displayName"],
            "principalId": found["id"],
            "principalType": "ServicePrincipal",
            "resourceDisplayName": "Microsoft Graph",
            "resourceId": _graph_id(call),
        }
        for name in (app.permissions if app else ())
        if name in known
    ]
    return list_reply(call, Listed(rows), _ASSIGNMENT, "appRoleAssignments", options=options)


ROUTES = (
    Route(r"/servicePrincipals", _list, _READ),
    Route(r"/servicePrincipals/\$count", _count, _READ),
    Route(r"/servicePrincipals\(appId='(?P<app>[^']+)'\)", _one, _READ),
    Route(r"/servicePrincipals/(?P<id>[^/()]+)", _one, _READ),
    Route(
        r"/servicePrincipals\(appId='(?P<app>[^']+)'\)/appRoleAssignments",
        _assignments,
        _READ,
        cost=2,
    ),
    Route(r"/servicePrincipals/(?P<id>[^/()]+)/appRoleAssignments", _assignments, _READ, cost=2),
)
