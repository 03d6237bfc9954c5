"""The policies of Exchange Online, and what Defender for Office 365 does with its mail."""

from shared.catalog.configuration_snapshots import snapshots_of
from shared.core.text import Text

COLLECTOR = snapshots_of(
    "exchange",
    "acceptedDomain antiPhishPolicy antiPhishRule atpPolicyForO365 dkimSigningConfig "
    "hostedConnectionFilterPolicy hostedContentFilterPolicy hostedContentFilterRule "
    "hostedOutboundSpamFilterPolicy inboundConnector journalRule malwareFilterPolicy malwareFilterRule "
    "mobileDeviceMailboxPolicy organizationConfig outboundConnector owaMailboxPolicy quarantinePolicy "
    "remoteDomain safeAttachmentPolicy safeAttachmentRule safeLinksPolicy safeLinksRule sharingPolicy "
    "transportConfig transportRule",
    Text("Exchange configuration", "Exchange の構成"),
)
