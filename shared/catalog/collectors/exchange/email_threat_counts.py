"""How many messages of each day had which threat and what became of them; whole days of UTC."""

from datetime import timedelta

from shared.catalog import hunting
from shared.catalog.graph_permissions import THREAT_HUNTING_READ
from shared.core.collector import FROM, UNTIL, Collector, Column, Events, Slices
from shared.core.text import Text

# A day is counted once, two days after it: by then verdicts have come to rest. A slice may begin and
# end at any time of day: what it asks for are whole days, and those of two slices meet.
_QUERY = (
    f"EmailEvents | where Timestamp >= startofday(datetime({FROM})) - 2d "
    f"and Timestamp < startofday(datetime({UNTIL})) - 2d "
    '| extend Threat = coalesce(ThreatTypes, "none"), EmailDirection = coalesce(EmailDirection, "none"), '
    'DeliveryAction = coalesce(DeliveryAction, "none"), '
    'DeliveryLocation = coalesce(DeliveryLocation, "none") '
    "| summarize Messages=count(), Recipients=dcount(RecipientEmailAddress), "
    "Senders=dcount(SenderFromAddress) "
    "by Day=bin(Timestamp, 1d), EmailDirection, DeliveryAction, DeliveryLocation, Threat "
    "| extend Date = tostring(Day)"
)

COLLECTOR = Collector(
    title=Text("Email threat counts", "メールの脅威件数"),
    docs=hunting.DOCS,
    ask=hunting.hunt(_QUERY),
    answer=hunting.RESULTS,
    # Thirty days are kept; the days lie two days before the slice.
    extent=Slices("Day", initial=timedelta(days=27), look_backs=(), span=timedelta(days=7)),
    keep=Events("day"),
    columns=(
        Column("day", "Day", "timestamp"),
        Column("email_direction", "EmailDirection"),
        Column("delivery_action", "DeliveryAction"),
        Column("delivery_location", "DeliveryLocation"),
        Column("threat", "Threat"),
        Column("message_count", "Messages", "int"),
        # Microsoft estimates how many different ones there are.
        Column("recipient_count", "Recipients", "int"),
        Column("sender_count", "Senders", "int"),
    ),
    permissions=(THREAT_HUNTING_READ,),
    every=timedelta(hours=24),
    key=("Date", "EmailDirection", "DeliveryAction", "DeliveryLocation", "Threat"),
    licence=hunting.LICENCE,
)
