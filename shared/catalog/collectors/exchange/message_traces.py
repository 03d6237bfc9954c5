"""Which message went from whom to whom, and whether it arrived; one row a recipient."""

from datetime import timedelta

from shared.catalog.graph_permissions import MESSAGE_TRACE_READ
from shared.core.collector import (
    EVERY_MEMBER,
    Collector,
    Column,
    Events,
    Get,
    LookBack,
    Slices,
)
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Message traces", "メッセージ追跡"),
    docs="https://learn.microsoft.com/en-us/graph/api/messagetracingroot-list-messagetraces",
    # No $select and no $orderby. Without the header recalled messages have unknownFutureValue.
    ask=Get(
        "admin/exchange/tracing/messageTraces",
        service="exchange_trace",
        selects=False,
        top=5000,
        headers=EVERY_MEMBER,
    ),
    # A status moves for two days. Ten days are the most that is given at once.
    extent=Slices(
        "receivedDateTime",
        initial=timedelta(days=10),
        look_backs=(
            LookBack(every=timedelta(hours=6), reach=timedelta(hours=12)),
            LookBack(every=timedelta(days=1), reach=timedelta(days=3)),
        ),
    ),
    keep=Events("received_at"),
    columns=(
        # Names the message, for all of its recipients.
        Column("trace_id", "id", never_null=True),
        Column("message_id", "messageId"),
        Column("received_at", "receivedDateTime", "timestamp", never_null=True),
        Column(
            "sender_address",
            "senderAddress",
            personal=True,
            whose="itself",
            search="prefix",
            folded=True,
        ),
        Column("recipient_address", "recipientAddress", personal=True, whose="itself", folded=True),
        Column("subject", "subject", personal=True, whose="sender_address"),
        Column("size", "size", "int", never_null=True),
        Column("status", "status", never_null=True),
        Column("from_ip", "fromIP", personal=True, whose="sender_address"),
        Column("to_ip", "toIP"),
    ),
    permissions=(MESSAGE_TRACE_READ,),
    every=timedelta(minutes=30),
    # The id names the message, which has a row for each of its recipients.
    key=("id", "recipientAddress"),
    licence="Exchange Online",
)
