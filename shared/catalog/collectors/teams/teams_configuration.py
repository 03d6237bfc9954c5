"""The policies of Teams."""

from shared.catalog.configuration_snapshots import snapshots_of
from shared.core.text import Text

COLLECTOR = snapshots_of(
    "teams",
    "appPermissionPolicy appSetupPolicy callingPolicy channelsPolicy clientConfiguration eventsPolicy "
    "federationConfiguration filesPolicy guestCallingConfiguration guestMeetingConfiguration "
    "guestMessagingConfiguration meetingConfiguration meetingPolicy messagingPolicy orgWideAppSettings "
    "updateManagementPolicy",
    Text("Teams configuration", "Teams の構成"),
)
