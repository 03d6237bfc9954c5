"""With whom people may share, and what their computers may sync. One object for the whole tenant."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("SharePoint settings", "SharePoint の設定"),
    docs="https://learn.microsoft.com/en-us/graph/api/sharepointsettings-get",
    ask=Get("admin/sharepoint/settings", service="sharepoint"),
    # An example on Microsoft's page puts it into `value`.
    answer=Single(within="value"),
    columns=(
        # disabled, externalUserSharingOnly (new and existing guests), externalUserAndGuestSharing
        # (anyone with a link) or existingExternalUserSharingOnly.
        Column("sharing_capability", "sharingCapability"),
        # none, allowList or blockList.
        Column("sharing_domain_restriction_mode", "sharingDomainRestrictionMode"),
        Column("sharing_allowed_domains", "sharingAllowedDomainList", "json"),
        Column("sharing_blocked_domains", "sharingBlockedDomainList", "json"),
        Column("is_resharing_by_guests_enabled", "isResharingByExternalUsersEnabled", "bool"),
        Column("guests_must_match_invitation", "isRequireAcceptingUserToMatchInvitedUserEnabled", "bool"),
        Column("is_legacy_authentication_enabled", "isLegacyAuthProtocolsEnabled", "bool"),
        Column("is_sync_limited_to_domains", "isUnmanagedSyncAppForTenantRestricted", "bool"),
        Column("sync_domain_ids", "allowedDomainGuidsForSyncApp", "json"),
        Column("sync_excluded_extensions", "excludedFileExtensionsForSyncApp", "json"),
        Column("is_mac_sync_app_enabled", "isMacSyncAppEnabled", "bool"),
        Column("idle_session_sign_out", "idleSessionSignOut", "json"),
        Column("deleted_user_retention_days", "deletedUserPersonalSiteRetentionPeriodInDays", "int"),
        Column("personal_site_default_limit_mb", "personalSiteDefaultStorageLimitInMB", "int"),
        Column("is_sites_storage_limit_automatic", "isSitesStorageLimitAutomatic", "bool"),
    ),
    permissions=(
        Permission(
            "SharePointTenantSettings.Read.All",
            Text(
                "Read the settings of SharePoint and OneDrive of the tenant.",
                "テナントの SharePoint と OneDrive の設定を読み取ります。",
            ),
            covered_by=("SharePointTenantSettings.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=24),
    # A singleton: Graph gives it no id.
    key=(),
    licence="SharePoint Online",
)  # fmt: skip
