"""What was done with messages after they had been delivered: taken back by hand or by itself."""

from datetime import timedelta

from shared.catalog import hunting
from shared.catalog.graph_permissions import THREAT_HUNTING_READ
from shared.core.collector import Collector, Column, Events
from shared.core.text import Text

_COLUMNS = (
    Column("network_message_id", "NetworkMessageId"),
    hunting.RECIPIENT,
    Column("action", "Action"),
    # Manual remediation, Phish ZAP, Malware ZAP; others have come and may come.
    Column("action_type", "ActionType"),
    Column("action_trigger", "ActionTrigger"),
    Column("action_result", "ActionResult"),
    Column("delivery_location", "DeliveryLocation"),
    Column("threat_types", "ThreatTypes"),
)
# One thing may be done with a message twice: the instant, as text, tells them apart.
_QUERY = (
    f"EmailPostDeliveryEvents | where {hunting.BETWEEN} | extend At = tostring(Timestamp) "
    f"| project Timestamp, At, {', '.join(column.source for column in _COLUMNS)} "
    f"| take {hunting.MOST}"
)

COLLECTOR = Collector(
    title=Text("Email post-delivery actions", "配信後のメール処理"),
    docs=hunting.DOCS,
    ask=hunting.hunt(_QUERY),
    answer=hunting.RESULTS,
    extent=hunting.EACH_MESSAGE,
    keep=Events("occurred_at"),
    columns=(Column("occurred_at", "Timestamp", "timestamp"), *_COLUMNS),
    permissions=(THREAT_HUNTING_READ,),
    every=timedelta(hours=1),
    key=("NetworkMessageId", "RecipientEmailAddress", "At", "ActionType"),
    licence=hunting.LICENCE,
)
