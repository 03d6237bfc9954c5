"""Products of the tenant: SKU and service plan identifiers, and the bundles that users hold.

Identifiers: Microsoft's "Product names and service plan identifiers for licensing" reference.
"""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

# plan name: (service plan id, service)
PLANS = {
    "EXCHANGE_S_ENTERPRISE": ("efb87545-963c-4e0d-99df-69c6916d9eb0", "exchange"),
    "EXCHANGE_S_STANDARD": ("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "exchange"),
    "SHAREPOINTENTERPRISE": ("5dbe027f-2339-4123-9542-606e4d348a72", "SharePoint"),
    "SHAREPOINTSTANDARD": ("c7699d2e-19aa-44de-8edf-1736da088ca1", "SharePoint"),
    "TEAMS1": ("57ff2da0-773e-42df-b2af-ffb7a2317929", "TeamspaceAPI"),
    "MCOSTANDARD": ("0feaeb32-d00e-4d66-bd5a-43b5b83db82c", "MicrosoftCommunicationsOnline"),
    "OFFICESUBSCRIPTION": ("43de0ff5-c92c-492b-9116-175376d08c38", "MicrosoftOffice"),
    "YAMMER_ENTERPRISE": ("7547a3fe-08ee-4ccb-b430-5077c5041653", "YammerEnterprise"),
    "INTUNE_A": ("c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "SCO"),
    "AAD_PREMIUM": ("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AADPremiumService"),
    "AAD_PREMIUM_P2": ("eec0eb4f-6444-4f95-aba0-50c24d67f998", "AADPremiumService"),
    "MFA_PREMIUM": ("8a256a2b-b617-496d-b51b-e76466e88db0", "MultiFactorService"),
    "BI_AZURE_P0": ("2049e525-b859-401b-b2a0-e0a31c4b1fe4", "PowerBI"),
    "FLOW_P2_VIRAL": ("50e68c76-46c6-4674-81f9-75456511b170", "ProcessSimple"),
}
_SUITE = ("TEAMS1", "MCOSTANDARD", "OFFICESUBSCRIPTION", "YAMMER_ENTERPRISE")
_E3 = ("EXCHANGE_S_ENTERPRISE", "SHAREPOINTENTERPRISE", *_SUITE)
# part number: (SKU id, service plans)
PRODUCTS = {
    "SPE_E3": (
        "05e9a617-0261-4cee-bb44-138d3ef5d965",
        (*_E3, "INTUNE_A", "AAD_PREMIUM", "MFA_PREMIUM"),
    ),
    "SPE_E5": (
        "06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        (*_E3, "INTUNE_A", "AAD_PREMIUM_P2", "MFA_PREMIUM"),
    ),
    "ENTERPRISEPACK": ("6fd2c87f-b296-42f0-b197-1e91e994b900", _E3),
    "O365_BUSINESS_PREMIUM": (
        "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
        ("EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD", *_SUITE),
    ),
    "EXCHANGESTANDARD": ("4b9405b0-7788-4568-add1-99614e613b69", ("EXCHANGE_S_STANDARD",)),
    "AAD_PREMIUM_P2": (
        "84a661c4-e949-4bd2-a560-ed7766fcaf2b",
        ("AAD_PREMIUM_P2", "MFA_PREMIUM"),
    ),
    "POWER_BI_STANDARD": ("a403ebcc-fae0-4ca2-8c8c-7a907fd6c235", ("BI_AZURE_P0",)),
    "FLOW_FREE": ("f30db892-07e9-47e9-837c-80727f46fd3d", ("FLOW_P2_VIRAL",)),
}
PART_NUMBERS = {sku: part for part, (sku, _plans) in PRODUCTS.items()}
# How often (of 256) a member holds a bundle; the order matters for the draw.
BUNDLES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (96, ("SPE_E3",)),
    (28, ("SPE_E3", "POWER_BI_STANDARD")),
    (22, ("SPE_E5",)),
    (34, ("ENTERPRISEPACK",)),
    (14, ("ENTERPRISEPACK", "AAD_PREMIUM_P2")),
    (22, ("O365_BUSINESS_PREMIUM",)),
    (14, ("EXCHANGESTANDARD",)),
    (10, ("SPE_E3", "FLOW_FREE")),
    (4, ("SPE_E5", "POWER_BI_STANDARD", "FLOW_FREE")),
    (12, ()),
)
NO_BUNDLE = len(BUNDLES) - 1
BUNDLE_OF_BYTE = tuple(n for n, (share, _parts) in enumerate(BUNDLES) for _ in range(share))
_GROUP_ASSIGNED = "SPE_E3"


class Holdings:
    """The licence properties of a bundle, built once and shared by all users that hold it."""

    def __init__(self, anchor: int, licence_group: str) -> None:
        self._anchor = anchor
        self._group = licence_group
        self.bundles = [self.of(parts) for _share, parts in BUNDLES]

    def of(self, parts: tuple[str, ...], disabled: tuple[str, ...] = ()) -> Entity:
        """`assignedLicenses`, `assignedPlans` and `licenseAssignmentStates` of a set of products."""
        since = epoch_stamp(self._anchor - 400 * DAY)
        licences, plans, states = [], {}, []
        for part in parts:
            sku, names = PRODUCTS[part]
            off = [PLANS[name][0] for name in disabled if name in names]
            licences.append({"disabledPlans": off, "skuId": sku})
            states.append(
                {
                    "skuId": sku,
                    "assignedByGroup": self._group if part == _GROUP_ASSIGNED else None,
                    "disabledPlans": off,
                    "state": "Active",
                    "error": "None",
                    "lastUpdatedDateTime": since,
                }
            )
            for name in names:
                plan, service = PLANS[name]
                plans[plan] = {
                    "assignedDateTime": since,
                    "capabilityStatus": "Deleted" if plan in off else "Enabled",
                    "service": service,
                    "servicePlanId": plan,
                }
        return {
            "assignedLicenses": licences,
            "assignedPlans": list(plans.values()),
            "licenseAssignmentStates": states,
        }


def service_plans(part: str) -> list[Entity]:
    """`servicePlans` of a SKU, as `subscribedSkus` and `directory/subscriptions` show them."""
    return [
        {
            "servicePlanId": PLANS[name][0],
            "servicePlanName": name,
            "provisioningStatus": "Success",
            "appliesTo": "Company" if name == "MFA_PREMIUM" else "User",
        }
        for name in PRODUCTS[part][1]
    ]


def seats(part: str, consumed: int, users: int) -> int:
    """Bought units: a round figure above the use; free products come in ten thousands."""
    if part in {"POWER_BI_STANDARD", "FLOW_FREE"}:
        return 1_000_000 if part == "POWER_BI_STANDARD" else 10_000 * (1 + users // 10_000)
    step = 5 if users < 500 else 25
    spare = 2 if part == "SPE_E3" else max(step, consumed // 5)
    return -(-(consumed + spare) // step) * step


# What is not simply paid for: one product lives on in its grace period, of another an older
# contract is suspended and an even older one deleted.
EXPIRED = "EXCHANGESTANDARD"
_ENDED = (("ENTERPRISEPACK", "Suspended", 40, 12), ("ENTERPRISEPACK", "Deleted", 25, -660))


def prepaid_units(part: str, bought: int) -> Entity:
    """`prepaidUnits` of a SKU: units by the state of the subscription that they come from."""
    expired = part == EXPIRED
    return {
        "enabled": 0 if expired else bought,
        "warning": bought if expired else 0,
        "suspended": sum(n for name, state, n, _ in _ENDED if (name, state) == (part, "Suspended")),
        "lockedOut": 0,
    }


def subscriptions(seed: int, anchor: int, bought: dict[str, int]) -> list[Entity]:
    """`directory/subscriptions`: one per product, one of them a trial that ends soon; ended ones."""
    dice = Dice(seed, "subscription")

    def row(n: int, part: str, status: str, units: int, age: int, ends_in: int) -> Entity:
        return {
            "id": dice.guid(n),
            "commerceSubscriptionId": dice.guid(100 + n),
            "createdDateTime": epoch_stamp(anchor - age * DAY),
            "isTrial": part == "AAD_PREMIUM_P2",
            "nextLifecycleDateTime": epoch_stamp(anchor + ends_in * DAY),
            "ownerId": None,
            "ownerTenantId": None,
            "ownerType": None,
            "skuId": PRODUCTS[part][0],
            "skuPartNumber": part,
            "status": status,
            "totalLicenses": units,
            "serviceStatus": service_plans(part),
        }

    rows = []
    for n, part in enumerate(PRODUCTS):
        age, ends_in = (340, 21) if part == "AAD_PREMIUM_P2" else (700 + 11 * n, 60 + 37 * n)
        status = "Warning" if part == EXPIRED else "Enabled"
        rows.append(row(n, part, status, bought[part], age, ends_in))
    for n, (part, status, units, ends_in) in enumerate(_ENDED, len(PRODUCTS)):
        rows.append(row(n, part, status, units, 1100 + n, ends_in))
    return rows
