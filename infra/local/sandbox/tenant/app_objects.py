"""The directory objects that an application consists of, as Graph shows them.

Ids of Microsoft's applications and of their app roles: "Verify first-party Microsoft applications"
and the permissions reference.
"""

import base64

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.apps import GRAPH_APP_ID, known_permissions
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # the tenant that owns Microsoft's applications
EXCHANGE_APP_ID = "00000002-0000-0ff1-ce00-000000000000"
SHAREPOINT_APP_ID = "00000003-0000-0ff1-ce00-000000000000"
COMMAND_LINE_APP_ID = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
_EXCHANGE = {
    "full_access_as_app": "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
    "Exchange.ManageAsApp": "dc50a0fb-09a3-484d-be87-e023b12c6440",
}
_SHAREPOINT = {
    "Sites.FullControl.All": "678536fe-1083-478a-9c59-b99265e6b0d3",
    "Sites.Read.All": "d13f72ca-a275-4b96-b789-48ebcc4da984",
}


def resources() -> dict[str, tuple[str, dict[str, str]]]:
    """The applications that offer permissions: name, and permission to app role id."""
    return {
        GRAPH_APP_ID: ("Microsoft Graph", known_permissions()),
        EXCHANGE_APP_ID: ("Office 365 Exchange Online", _EXCHANGE),
        SHAREPOINT_APP_ID: ("Office 365 SharePoint Online", _SHAREPOINT),
    }


def registration(key: str, app_id: str, name: str, domain: str, created: int) -> Entity:
    """A registration without credentials; `created` is in seconds since 1970."""
    asked = {"id": known_permissions()["User.Read.All"], "type": "Role"}
    return {
        "id": key,
        "appId": app_id,
        "displayName": name,
        "createdDateTime": epoch_stamp(created),
        "signInAudience": "AzureADMyOrg",
        "publisherDomain": domain,
        "passwordCredentials": [],
        "keyCredentials": [],
        "requiredResourceAccess": [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": [asked]}],
        "verifiedPublisher": publisher(None),
        "disabledByMicrosoftStatus": None,
    }


def principal(key: str, app_id: str, name: str, owner: str | None) -> Entity:
    """A service principal; `owner` is the tenant where the application is registered."""
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
        "appRoles": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "signInAudience": "AzureADMyOrg",
        "verifiedPublisher": publisher(None),
    }


def microsofts(key: str, app_id: str, name: str, offered: dict[str, str]) -> Entity:
    """A service principal of Microsoft's, with the app roles that it offers."""
    roles = [
        {
            "id": own,
            "value": value,
            "displayName": f"Permission {value}",
            "description": f"Allows the app {value} without a signed-in user.",
            "allowedMemberTypes": ["Application"],
            "isEnabled": True,
            "origin": "Application",
        }
        for value, own in offered.items()
    ]
    made = principal(key, app_id, name, MICROSOFT)
    return {**made, "appRoles": roles, "signInAudience": "AzureADMultipleOrgs"}


def assignment(
    key: str, holder: Entity, kind: str, resource: tuple[str, str], role: str, created: int
) -> Entity:
    """An app role of a resource (id, name) that a holder of a kind was given."""
    return {
        "id": key,
        "deletedDateTime": None,
        "appRoleId": role,
        "createdDateTime": epoch_stamp(created),
        "principalDisplayName": holder["displayName"],
        "principalId": holder["id"],
        "principalType": kind,
        "resourceDisplayName": resource[1],
        "resourceId": resource[0],
    }


def grant(
    dice: Dice, number: int, client: str, resource: str, scope: str, user: str | None
) -> Entity:
    """Delegated permissions of a client, of one user or, where none is named, of everybody."""
    own = base64.urlsafe_b64encode(dice.roll(number)[:32]).decode()
    return {
        "id": own.rstrip("="),
        "clientId": client,
        "consentType": "AllPrincipals" if user is None else "Principal",
        "principalId": user,
        "resourceId": resource,
        "scope": scope,
    }


def publisher(name: str | None, since: int = 0) -> Entity:
    """Who vouches for an application, all null where nobody does."""
    return {
        "displayName": name,
        "verifiedPublisherId": name and str(10_000 + len(name)),
        "addedDateTime": name and epoch_stamp(since - 400 * DAY),
    }
