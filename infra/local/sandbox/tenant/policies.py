"""Conditional Access policies and named locations of the seeded tenant."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.policy_shapes import Draft, conditions, grant_controls
from infra.local.sandbox.tenant.rare_policies import rare_drafts
from infra.local.sandbox.tenant.roles import ROLES

OFFICE_365 = "Office365"
ADMIN_PORTALS = "MicrosoftAdminPortals"


def named_locations(seed: int, anchor: int) -> list[Entity]:
    """Two address ranges (one trusted) and two country lists."""
    dice = Dice(seed, "named location")

    def place(n: int, name: str, kind: str, **facts: object) -> Entity:
        return {
            "@odata.type": f"#microsoft.graph.{kind}",
            "id": dice.guid(n),
            "displayName": name,
            "createdDateTime": epoch_stamp(anchor - (500 - 40 * n) * DAY),
            "modifiedDateTime": epoch_stamp(anchor - (90 + n) * DAY),
            **facts,
        }

    def ranges(*blocks: str) -> list[Entity]:
        return [
            {"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": block}
            for block in blocks
        ]

    return [
        place(
            0, "本社ネットワーク", "ipNamedLocation", isTrusted=True,
            ipRanges=ranges("203.0.113.0/24", "198.51.100.0/25"),
        ),
        place(1, "VPN", "ipNamedLocation", isTrusted=False, ipRanges=ranges("192.0.2.0/26")),
        place(
            2, "Business countries", "countryNamedLocation",
            countriesAndRegions=["JP", "US", "GB", "SG"],
            countryLookupMethod="clientIpAddress", includeUnknownCountriesAndRegions=False,
        ),
        place(
            3, "ブロック対象国", "countryNamedLocation", countriesAndRegions=["KP", "RU"],
            countryLookupMethod="clientIpAddress", includeUnknownCountriesAndRegions=True,
        ),
    ]  # fmt: skip


_FREQUENCY = {
    "value": 12, "type": "hours", "isEnabled": True,
    "authenticationType": "primaryAndSecondaryAuthentication", "frequencyInterval": "timeBased",
}  # fmt: skip
_SESSION: Entity = {
    "disableResilienceDefaults": None, "applicationEnforcedRestrictions": None,
    "cloudAppSecurity": None, "signInFrequency": _FREQUENCY,
    "persistentBrowser": {"mode": "never", "isEnabled": True},
}  # fmt: skip


def _drafts(admins: str, partners: str, first: str, blocked: str) -> list[Draft]:
    """Name, state, conditions, grant and session controls."""
    everyone: Entity = {"includeUsers": ["All"], "excludeUsers": [first]}
    roles = [template for template, _name in ROLES[:6]]
    return [
        ("CA001 管理者に MFA を要求", "enabled",
         conditions({"includeRoles": roles, "excludeUsers": [first]}, ["All"]), grant_controls("mfa"), None),
        ("CA002 Require MFA for all users", "enabled",
         conditions({**everyone, "excludeGroups": [partners]}, ["All"]), grant_controls("mfa"), None),
        ("CA003 Block legacy authentication", "enabled",
         conditions(everyone, ["All"], clientAppTypes=["exchangeActiveSync", "other"]),
         grant_controls("block"), None),
        ("CA004 ブロック対象国からのアクセス拒否", "enabled",
         conditions(everyone, ["All"],
                     locations={"includeLocations": [blocked], "excludeLocations": ["AllTrusted"]}),
         grant_controls("block"), None),
        ("CA005 Compliant device for Office 365", "enabledForReportingButNotEnforced",
         conditions(everyone, [OFFICE_365],
                     platforms={"includePlatforms": ["windows", "macOS"], "excludePlatforms": []}),
         grant_controls("compliantDevice", "domainJoinedDevice"), None),
        ("CA006 Sign-in risk", "enabled",
         conditions(everyone, ["All"], signInRiskLevels=["high", "medium"]), grant_controls("mfa"), None),
        ("CA007 Admin portals: session limit", "enabled",
         conditions({"includeGroups": [admins]}, [ADMIN_PORTALS]), None, _SESSION),
        ("CA008 ゲストの制限（検討中）", "disabled",
         conditions({"includeGuestsOrExternalUsers": {
             "guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest",
             "externalTenants": None}}, ["All"]), grant_controls("mfa", "passwordChange", operator="AND"), None),
    ]  # fmt: skip


def policies(seed: int, anchor: int, admins: str, partners: str, first: str) -> list[Entity]:
    """Policies that cover the usual shapes, then the rare; `admins` and `partners` are group ids."""
    dice = Dice(seed, "conditional access policy")
    blocked = named_locations(seed, anchor)[3]["id"]
    drafts = _drafts(admins, partners, first, blocked)
    drafts += rare_drafts(first, blocked, dice.guid(900), dice.guid(901))
    return [
        {
            "id": dice.guid(n),
            "templateId": None,
            "displayName": name,
            "createdDateTime": epoch_stamp(anchor - (400 - 20 * n) * DAY),
            "modifiedDateTime": epoch_stamp(anchor - (30 + 3 * n) * DAY) if n % 3 else None,
            "state": state,
            "deletedDateTime": None,
            "conditions": applies_to,
            "grantControls": grant,
            "sessionControls": controls,
        }
        for n, (name, state, applies_to, grant, controls) in enumerate(drafts)
    ]
