"""Settings of SharePoint and OneDrive of a whole tenant. One object, no `value`.

An example on Microsoft's page puts it into `value` all the same: the fault `wrapped_settings` does.
"""

from random import Random

from infra.local.sandbox.areas.drives import SERVICE, licence, not_permitted
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply, json_reply
from infra.local.sandbox.odata.options import read_select, refuse_options
from infra.local.sandbox.odata.pages import context, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_SETTINGS = plain_type(
    "sharepointSettings",
    "allowedDomainGuidsForSyncApp availableManagedPathsForSiteCreation "
    "deletedUserPersonalSiteRetentionPeriodInDays excludedFileExtensionsForSyncApp idleSessionSignOut "
    "imageTaggingOption isCommentingOnSitePagesEnabled isFileActivityNotificationEnabled "
    "isLegacyAuthProtocolsEnabled isLoopEnabled isMacSyncAppEnabled "
    "isRequireAcceptingUserToMatchInvitedUserEnabled isResharingByExternalUsersEnabled "
    "isSharePointMobileNotificationEnabled isSharePointNewsfeedEnabled isSiteCreationEnabled "
    "isSiteCreationUIEnabled isSitePagesCreationEnabled isSitesStorageLimitAutomatic "
    "isSyncButtonHiddenOnPersonalSite isUnmanagedSyncAppForTenantRestricted "
    "personalSiteDefaultStorageLimitInMB sharingAllowedDomainList sharingBlockedDomainList "
    "sharingCapability sharingDomainRestrictionMode siteCreationDefaultManagedPath "
    "siteCreationDefaultStorageLimitInMB tenantDefaultTimezone",
)
KEY = "sharepointSettings"
_CAPABILITIES = (
    "externalUserAndGuestSharing",
    "externalUserSharingOnly",
    "existingExternalUserSharingOnly",
    "disabled",
)


def _seeded(tenant: Tenant) -> Collection:
    roll = Dice(tenant.seed, "sharepoint settings").roll(0)
    settings: Entity = {
        "id": KEY,
        "allowedDomainGuidsForSyncApp": [Dice(tenant.seed, "sync domain").guid(0)] if roll[0] < 90 else [],
        "availableManagedPathsForSiteCreation": ["/sites/", "/teams/"],
        "deletedUserPersonalSiteRetentionPeriodInDays": 30,
        "excludedFileExtensionsForSyncApp": ["pst", "jpg"],
        "idleSessionSignOut": {"isEnabled": False, "warnAfterInSeconds": 0, "signOutAfterInSeconds": 0},
        "imageTaggingOption": "basic",
        "isCommentingOnSitePagesEnabled": True,
        "isFileActivityNotificationEnabled": True,
        "isLegacyAuthProtocolsEnabled": roll[1] < 60,
        "isLoopEnabled": True,
        "isMacSyncAppEnabled": True,
        "isRequireAcceptingUserToMatchInvitedUserEnabled": roll[2] < 128,
        "isResharingByExternalUsersEnabled": roll[3] < 128,
        "isSharePointMobileNotificationEnabled": True,
        "isSharePointNewsfeedEnabled": True,
        "isSiteCreationEnabled": True,
        "isSiteCreationUIEnabled": True,
        "isSitePagesCreationEnabled": True,
        "isSitesStorageLimitAutomatic": True,
        "isSyncButtonHiddenOnPersonalSite": False,
        "isUnmanagedSyncAppForTenantRestricted": roll[0] < 90,
        "personalSiteDefaultStorageLimitInMB": 1_048_576,
        "sharingAllowedDomainList": [],
        "sharingBlockedDomainList": [],
        "sharingCapability": _CAPABILITIES[0],
        "sharingDomainRestrictionMode": "none",
        "siteCreationDefaultManagedPath": "/sites/",
        "siteCreationDefaultStorageLimitInMB": 26_214_400,
        "tenantDefaultTimezone": "(UTC+09:00) Osaka, Sapporo, Tokyo",
    }  # fmt: skip
    return Collection.of("sharepoint_settings", tenant.timeline, [settings])


def _show(call: Call) -> Reply:
    refuse_options(call.query, frozenset({"$select", "$expand"}))
    select = read_select(call.query.get("$select"), _SETTINGS)
    held = dict(call.tenant.part(_seeded).state(KEY) or {})
    held.pop("id")
    shown = project([held], _SETTINGS, select)[0]
    head = {"@odata.context": context(call, "admin/sharepoint/settings/$entity", select)}
    if "wrapped_settings" in call.faults:
        return json_reply({**head, "value": shown})
    return json_reply({**head, **shown})


def _decide(changes: Changes, dice: Random) -> str:
    """An administrator lets people share with more or fewer, or restricts with which domains."""
    mode = dice.choice(("none", "none", "allowList", "blockList"))
    domains = ["fabrikam.example", "northwind.example"]
    facts = {
        "sharingCapability": dice.choice(_CAPABILITIES[:3]),
        "sharingDomainRestrictionMode": mode,
        "sharingAllowedDomainList": domains if mode == "allowList" else [],
        "sharingBlockedDomainList": domains if mode == "blockList" else [],
    }
    changes.patch("sharepoint_settings", KEY, facts)
    return KEY


CONDITIONS = frozenset({"wrapped_settings"})
COLLECTIONS = {"sharepoint_settings": _seeded}
LIFE = (Happening("sharepoint settings", 0.02, _decide),)
PERMISSIONS = {"SharePointTenantSettings.Read.All": "83d4163d-a2d8-4d3b-9695-4ae3ca98f888"}
READ = tuple(PERMISSIONS)
ROUTES = (
    Route(
        r"/admin/sharepoint/settings", _show, READ, SERVICE, licence=licence, refusal=not_permitted
    ),
)
