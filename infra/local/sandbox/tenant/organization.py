"""The organisation: its fixed facts, premium plans and domains."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.licences import PLANS


def facts(anchor: int, domain_name: str) -> Entity:
    """The properties of `organization` that never change."""
    return {
        "createdDateTime": epoch_stamp(anchor - 3_000 * DAY),
        "countryLetterCode": "JP",
        "country": None,
        "city": "千代田区",
        "state": "東京都",
        "street": "丸の内 1-1-1",
        "postalCode": "100-0005",
        "preferredLanguage": "ja",
        "defaultUsageLocation": "JP",
        "tenantType": "AAD",
        "deletedDateTime": None,
        "partnerTenantType": None,
        "onPremisesSyncEnabled": True,
        "mobileDeviceManagementAuthority": "intune",
        "businessPhones": ["+81 3 5555 0000"],
        "marketingNotificationEmails": [],
        "technicalNotificationMails": [f"it@{domain_name}"],
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "privacyProfile": {"contactEmail": f"privacy@{domain_name}", "statementUrl": None},
        "provisionedPlans": [
            {"capabilityStatus": "Enabled", "provisioningStatus": "Success", "service": "exchange"}
        ],
    }


def premium_plans(premium: str, anchor: int) -> list[Entity]:
    """`assignedPlans` for Entra ID `none`, `P1` or `P2`."""
    if premium == "none":
        return []
    plan, service = PLANS["AAD_PREMIUM_P2" if premium == "P2" else "AAD_PREMIUM"]
    return [
        {
            "assignedDateTime": epoch_stamp(anchor - 400 * DAY),
            "capabilityStatus": "Enabled",
            "service": service,
            "servicePlanId": plan,
        }
    ]


def verified(name: str, *, initial: bool) -> Entity:
    """An entry of `verifiedDomains`."""
    return {
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": not initial,
        "isInitial": initial,
        "name": name,
        "type": "Managed",
    }


def domain(name: str, *, initial: bool) -> Entity:
    """A row of `domains`."""
    return {
        "id": name,
        "authenticationType": "Managed",
        "availabilityStatus": None,
        "isAdminManaged": True,
        "isDefault": not initial,
        "isInitial": initial,
        "isRoot": True,
        "isVerified": True,
        "manufacturer": None,
        "model": None,
        "passwordNotificationWindowInDays": 14,
        "passwordValidityPeriodInDays": 2_147_483_647,
        "state": None,
        "supportedServices": [] if initial else ["Email", "OfficeCommunicationsOnline"],
    }
