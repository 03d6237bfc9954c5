"""Applications that may call: their credentials, consented permissions and roles in other APIs.

An area declares the permissions that nothing but it asks for. Ids of Graph's application
permissions: the Microsoft Graph permissions reference.
"""

from dataclasses import dataclass, field

from infra.local.sandbox.scan import united
from infra.local.sandbox.tenant.dice import Dice

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
KANRI_AUDIENCE = "api://kanri"
_SHARED = {
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "Reports.Read.All": "230c1aed-a721-4c5d-9cb4-a90514e508ef",
    "ReportSettings.Read.All": "ee353f83-55ef-4b78-82da-555bfa2b4b95",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "Policy.Read.ConditionalAccess": "37730810-e9ba-4e46-b07e-8ca78d182097",
    "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "RoleEligibilitySchedule.Read.Directory": "ff278e11-4a33-4d0c-83d2-d01dc58929a5",
    "Organization.Read.All": "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    "LicenseAssignment.Read.All": "e2f98668-2877-4f38-a2f4-8202e0717aa1",
    "Domain.Read.All": "dbb9058a-0e50-45d7-ae91-66909b5d4664",
    "ServiceHealth.Read.All": "79c261e0-fe76-4144-aad5-bdc68fbe4037",
    "ServiceMessage.Read.All": "1b620472-6534-4fe6-9df2-4680e8aa28ec",
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "UserAuthenticationMethod.Read.All": "38d9df27-64da-44fd-b7c5-a6fbac20248f",
    "IdentityRiskyUser.Read.All": "dc5007c0-2d7d-4c42-879c-2dab87571379",
    "MailboxSettings.Read": "40f97065-369a-49f4-947c-6a255697ae91",
}


def known_permissions() -> dict[str, str]:
    """Every application permission that the sandbox's Graph offers: name to app role id."""
    return {**_SHARED, **united("PERMISSIONS"), **united("WRITING")}


@dataclass(slots=True)
class App:
    """One registered application of a tenant.

    `roles` maps an audience (`api://kanri`) to the app roles its tokens carry there; Graph's own
    permissions are `permissions`. `certificate` is PEM; `federated` lists accepted
    `issuer subject` pairs for federated assertions.
    """

    app_id: str
    object_id: str
    secret: str
    display_name: str = "Kanri"
    permissions: list[str] = field(default_factory=list)
    roles: dict[str, list[str]] = field(default_factory=dict)
    certificate: str = ""
    federated: list[str] = field(default_factory=list)


def first_app(seed: int, start: int = 0) -> App:
    """The application the ready line names: every permission to read consented, administrator of Kanri."""
    dice = Dice(seed, "application")
    return App(
        app_id=dice.guid(start),
        object_id=dice.guid(start + 1),
        secret=f"sandbox~{dice.roll(start)[:20].hex()}",
        permissions=[name for name in known_permissions() if name not in united("WRITING")],
        roles={KANRI_AUDIENCE: ["Kanri.Admin"]},
    )
