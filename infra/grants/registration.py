"""The app registration's own side: audience, scope and app roles that callers of the API get."""

from uuid import UUID, uuid5

from shared.core.clouds import cloud_of
from shared.core.registry import of
from shared.core.role import ROLES
from shared.core.role_permissions import ROLE_PERMISSIONS

# Ids inside an app registration are ours to choose; from a name they are the same at every run.
_NAMESPACE = UUID("6a1f4c2e-6f0b-5d0c-9f3e-5b8d1a7c4e21")
# Well-known: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def _id(name: str) -> str:
    return str(uuid5(_NAMESPACE, name))


def api_side(client_id: str) -> dict[str, object]:
    """Return the part of the application object that makes it an API with roles.

    https://learn.microsoft.com/graph/api/resources/application
    """
    return {
        "identifierUris": [f"api://{client_id}"],
        "api": _api(),
        # Tokens name the groups of their user, for the memberships of groups.
        "groupMembershipClaims": "SecurityGroup",
        "appRoles": [
            {
                "id": _id(f"role {role.app_role}"),
                "value": role.app_role,
                "displayName": role.app_role,
                "description": f"Grants {', '.join(sorted(ROLE_PERMISSIONS[name]))}.",
                "allowedMemberTypes": ["User", "Application"],
                "isEnabled": True,
            }
            for name, role in of(ROLES).items()
        ],
    }


def command_line_side() -> dict[str, object]:
    """Return the part that lets the Azure CLI ask for tokens; the scope must exist before."""
    trusted = {"appId": AZURE_CLI, "delegatedPermissionIds": [_id("scope access")]}
    return {"api": {**_api(), "preAuthorizedApplications": [trusted]}}


def _api() -> dict[str, object]:
    scope = {
        "id": _id("scope access"),
        "value": "access",
        "type": "User",
        "isEnabled": True,
        "adminConsentDisplayName": "Use Kanri",
        "adminConsentDescription": "Call Kanri's API with the roles of the signed-in user.",
    }
    return {"requestedAccessTokenVersion": 2, "oauth2PermissionScopes": [scope]}


def federation(tenant: str, principal_id: str, authority: str) -> dict[str, object]:
    """Return the credential by which the app's managed identity stands in for a secret.

    https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
    """
    return {
        "name": "kanri-function-app",
        "issuer": f"{authority.rstrip('/')}/{tenant}/v2.0",
        "subject": principal_id,
        "audiences": [cloud_of(authority).federation],
    }
