"""What happened to a message on its way to a recipient, of those that did not simply arrive."""

from datetime import timedelta

from shared.catalog.graph_permissions import MESSAGE_TRACE_READ
from shared.core.collector import Below, Collector, Column, Events, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Message trace details", "メッセージ追跡の詳細"),
    docs="https://learn.microsoft.com/en-us/graph/api/exchangemessagetrace-getdetailsbyrecipient",
    ask=Get(
        "admin/exchange/tracing/messageTraces/{trace_id}"
        "/getDetailsByRecipient(recipientAddress='{recipient_address}')",
        service="exchange_trace",
        selects=False,
    ),
    # A request for each recipient: below what is held up or did not arrive, and what once was so, for the
    # days in which a status moves. What is on its way for less than five minutes is not held up. 5,000
    # recipients a day are less than a quarter of what a day allows: the traces do not wait for it.
    extent=Below(
        "message_traces",
        where="status IN ('gettingStatus', 'pending', 'failed', 'quarantined')",
        ages=(timedelta(minutes=5), timedelta(days=3)),
        changed=True,
        daily=5_000,
    ),
    keep=Events("occurred_at"),
    columns=(
        Column("message_id", "messageId"),
        Column("occurred_at", "dateTime", "timestamp", never_null=True),
        # Receive, Send, Deliver, Fail, Defer, Expand, Resolve and others; letter case varies.
        Column("event", "event", never_null=True),
        Column("action", "action"),
        # Servers quote the address that they refuse.
        Column("description", "description", personal=True, whose="anybody"),
        # Looks like XML and promises nothing.
        Column("data", "data", personal=True, whose="anybody"),
    ),
    permissions=(MESSAGE_TRACE_READ,),
    every=timedelta(hours=1),
    licence="Exchange Online",
    costly=True,
)
