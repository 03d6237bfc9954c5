"""The policies of Teams and Exchange as Microsoft's Tenant Configuration Management extracts them.

Its own principal (03b07b79-c5bc-4b5e-9bfa-13acf4a99998) must exist in the tenant and be allowed to read
the workloads: Global Reader, and Exchange.ManageAsApp. 20,000 resources a month may be extracted:
nothing is asked for of which there is one for each account.
"""

from datetime import timedelta

from shared.catalog.graph_permissions import CONFIGURATION_MONITORING
from shared.core.collector import (
    EVERY_MEMBER,
    NOW,
    Collector,
    Column,
    Get,
    Job,
    Single,
    Versions,
)
from shared.core.text import Text

_MANAGEMENT = "admin/configurationManagement"
_TEAMS = (
    "appPermissionPolicy appSetupPolicy callingPolicy channelsPolicy clientConfiguration eventsPolicy "
    "federationConfiguration filesPolicy guestCallingConfiguration guestMeetingConfiguration "
    "guestMessagingConfiguration meetingConfiguration meetingPolicy messagingPolicy orgWideAppSettings "
    "updateManagementPolicy"
)
_EXCHANGE = (
    "acceptedDomain antiPhishPolicy antiPhishRule atpPolicyForO365 dkimSigningConfig "
    "hostedConnectionFilterPolicy hostedContentFilterPolicy hostedContentFilterRule "
    "hostedOutboundSpamFilterPolicy inboundConnector journalRule malwareFilterPolicy malwareFilterRule "
    "mobileDeviceMailboxPolicy organizationConfig outboundConnector owaMailboxPolicy quarantinePolicy "
    "remoteDomain safeAttachmentPolicy safeAttachmentRule safeLinksPolicy safeLinksRule sharingPolicy "
    "transportConfig transportRule"
)
_RESOURCES = (
    *(f"microsoft.teams.{name.lower()}" for name in _TEAMS.split()),
    *(f"microsoft.exchange.{name.lower()}" for name in _EXCHANGE.split()),
)

COLLECTOR = Collector(
    title=Text("Tenant configuration", "テナント構成"),
    docs="https://learn.microsoft.com/en-us/graph/api/configurationbaseline-createsnapshot",
    ask=Get(
        f"{_MANAGEMENT}/configurationSnapshots/{{result}}",
        service="general",
        selects=False,
        headers=EVERY_MEMBER,
    ),
    answer=Job(
        create=f"{_MANAGEMENT}/configurationSnapshots/createSnapshot",
        # At most 32 letters, digits and spaces, and none of the jobs may be called like another.
        body=(
            ("displayName", f"kanri {NOW}"),
            ("description", "Policies of Teams and Exchange"),
            ("resources", _RESOURCES),
        ),
        # Where the result is comes on $select only; it may be below another version.
        poll=f"{_MANAGEMENT}/configurationSnapshotJobs/{{job}}"
        "?$select=id,status,completedDateTime,resourceLocation,errorDetails,resources",
        rows=Single(each="resources"),
        result="resourceLocation",
        partly=("partiallySuccessful",),
        every=timedelta(seconds=30),
        # Of twelve at a time.
        deletes=True,
    ),
    # The first two are the snapshot's, another one each night.
    keep=Versions(volatile=("id", "displayName")),
    columns=(
        Column("snapshot_id", "id", never_null=True),
        Column("snapshot_name", "displayName", never_null=True),
        # microsoft.teams.meetingpolicy
        Column("resource_type", "resources/resourceType", never_null=True),
        # TeamsMeetingPolicy-Global
        Column("name", "resources/displayName", never_null=True),
        Column("properties", "resources/properties", "json", never_null=True),
    ),
    permissions=(CONFIGURATION_MONITORING,),
    every=timedelta(hours=24),
    key=("resources/resourceType", "resources/displayName"),
)
