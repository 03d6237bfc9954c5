"""Messages on their way: words for what became of them, whence and whither, and what was traced."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, any_, case, func, select
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.core.report import Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text

# The days in which the status of a message moves, and which a trace without bounds tells of.
TWO_DAYS = PERIOD.by_default(2)

# https://learn.microsoft.com/en-us/graph/api/resources/exchangemessagetrace
MESSAGE_STATUS: Mapping[str, Text] = {
    "delivered": Text("Delivered", "配信済み"),
    "failed": Text("Failed", "失敗"),
    "pending": Text("Pending", "保留中"),
    "expanded": Text("Expanded", "展開"),
    "quarantined": Text("Quarantined", "検疫"),
    "filteredAsSpam": Text("Filtered as spam", "スパム"),
    "gettingStatus": Text("Getting status", "確認中"),
    "recalled": Text("Recalled", "取り消し"),
}

# By the domains of sender and recipient: both are the tenant's, the sender's, the recipient's, none.
DIRECTION: Mapping[str, Text] = {
    "internal": Text("Internal", "内部"),
    "outbound": Text("Outbound", "送信"),
    "inbound": Text("Inbound", "受信"),
    "transit": Text("Forwarded", "中継"),
}

type Domains = ColumnElement[Sequence[str]]


def own_domains(s: Sources) -> Domains:
    """Return the tenant's verified domains in lower case; null if none is known."""
    domain = s.entity("domains").c
    names = func.array_agg(func.lower(domain.id), type_=ARRAY(TextType))
    # As a list: any() of a plain subquery would be of its rows.
    return select(names).where(domain.is_verified).scalar_subquery().cast(ARRAY(TextType))


def is_own(address: ColumnElement[str], own: Domains) -> ColumnElement[bool]:
    """Tell whether an address lies in one of the tenant's domains; null if that is not known.

    What has no domain, as the sender of a bounce, does not.
    """
    domain = func.lower(func.substring(address, "@([^@>]*)>?$"))
    return case((address.is_not(None), func.coalesce(domain, "") == any_(own)))


def direction(
    sender: ColumnElement[str], recipient: ColumnElement[str], own: Domains
) -> ColumnElement[str]:
    """Return the code of `DIRECTION`; null if the domains or one of both addresses are not known."""
    ours, theirs = is_own(sender, own), is_own(recipient, own)
    return case(
        (ours & theirs, "internal"),
        (ours & ~theirs, "outbound"),
        (~ours & theirs, "inbound"),
        (~ours & ~theirs, "transit"),
    )


def connector(s: Sources, trace: Any) -> ColumnElement[str]:
    """Return the connector that a traced message came in by; null where Defender names none.

    Of what it analyzed, else of what hunting found.
    """
    found = []
    for dataset, name in (
        ("analyzed_emails", "inbound_connector"),
        ("email_threat_events", "connectors"),
    ):
        mail = s.events(dataset).c
        same = (mail.network_message_id == trace.trace_id) & (
            mail.recipient_address_folded == trace.recipient_address_folded
        )
        told = func.max(func.nullif(mail[name], ""), type_=TextType)
        found.append(select(told).where(same).scalar_subquery())
    return func.coalesce(*found)


def course(s: Sources, trace: ColumnElement[str]) -> FromClause:
    """Return one row of what is known of the way of a message, by the id of its trace.

    `latest_event` and `latest_description`, the description of the newest event that put it off
    (`put_off`), and when it was handed over (`arrived_at`): to the mailbox (Deliver) or to a server
    outside (Send). All null where no details were read.
    """
    step = s.events("message_trace_details").c
    event = func.lower(step.event)

    def newest(value: ColumnElement[str], *which: ColumnElement[bool]) -> ColumnElement[str]:
        listed = func.array_agg(
            aggregate_order_by(value, step.occurred_at.desc(), event.desc()),
            type_=ARRAY(TextType),
        )
        return (listed.filter(*which) if which else listed)[1]

    arrived = func.max(step.occurred_at).filter((event == "deliver") | event.startswith("send"))
    return (
        select(
            newest(step.event).label("latest_event"),
            newest(step.description).label("latest_description"),
            newest(step.description, event == "defer").label("put_off"),
            arrived.label("arrived_at"),
        )
        .where(step.parent_id == trace)
        .lateral()
    )
