"""Messages in which a threat was found, or that were junked, blocked or quarantined; one row a recipient."""

from datetime import timedelta

from shared.catalog import hunting
from shared.catalog.graph_permissions import THREAT_HUNTING_READ
from shared.core.collector import Collector, Column, Events
from shared.core.text import Text

_COLUMNS = (
    # It may say `Phish, Malware`; of what is clean it is empty.
    Column("threat_types", "ThreatTypes"),
    Column("threat_names", "ThreatNames"),
    Column("detection_methods", "DetectionMethods"),
    # JSON as text, as {"Spam":"9"}.
    Column("confidence_level", "ConfidenceLevel"),
    Column("bulk_complaint_level", "BulkComplaintLevel", "int"),
    Column("email_direction", "EmailDirection"),
    Column("delivery_action", "DeliveryAction"),
    Column("delivery_location", "DeliveryLocation"),
    Column("latest_delivery_location", "LatestDeliveryLocation"),
    Column("email_action", "EmailAction"),
    Column("email_action_policy", "EmailActionPolicy"),
    Column("org_level_action", "OrgLevelAction"),
    Column("user_level_action", "UserLevelAction"),
    Column("connectors", "Connectors"),
    Column("authentication_details", "AuthenticationDetails"),
    Column("internet_message_id", "InternetMessageId"),
    # The id of the message's traces.
    Column("network_message_id", "NetworkMessageId", search="prefix"),
    hunting.RECIPIENT,
    Column("sender_address", "SenderFromAddress", personal=True, whose="itself", folded=True),
    Column("sender_mail_from_address", "SenderMailFromAddress", personal=True, whose="itself"),
    Column("sender_from_domain", "SenderFromDomain"),
    Column("sender_ipv4", "SenderIPv4", personal=True, whose="sender_address"),
    Column("subject", "Subject", personal=True, whose="sender_address"),
)
_QUERY = (
    f"EmailEvents | where {hunting.BETWEEN} "
    '| where isnotempty(ThreatTypes) or DeliveryAction in ("Junked", "Blocked", "Replaced") '
    'or DeliveryLocation == "Quarantine" '
    f"| project Timestamp, {', '.join(column.source for column in _COLUMNS)} | take {hunting.MOST}"
)

COLLECTOR = Collector(
    title=Text("Email threat events", "メールの脅威イベント"),
    docs=hunting.DOCS,
    ask=hunting.hunt(_QUERY),
    answer=hunting.RESULTS,
    extent=hunting.EACH_MESSAGE,
    keep=Events("occurred_at"),
    columns=(Column("occurred_at", "Timestamp", "timestamp"), *_COLUMNS),
    permissions=(THREAT_HUNTING_READ,),
    every=timedelta(hours=1),
    key=("NetworkMessageId", "RecipientEmailAddress"),
    licence=hunting.LICENCE,
)
