"""Who took part in a call or meeting; one row for each of them."""

from datetime import timedelta

from shared.catalog.graph_permissions import CALL_RECORDS_READ
from shared.core.collector import EVERY_MEMBER, Below, Collector, Column, Events, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Call participants", "通話の参加者"),
    docs="https://learn.microsoft.com/en-us/graph/api/callrecords-callrecord-list-participants_v2",
    # A page has 130 of them.
    ask=Get(
        "communications/callRecords/{id}/participants_v2",
        service="call_records",
        headers=EVERY_MEMBER,
    ),
    # A record is told again when it has changed; when it is thirty days old it is gone.
    extent=Below(
        "call_records",
        ages=(timedelta(), timedelta(days=29)),
        changed=True,
        all_every=timedelta(days=60),
        daily=20_000,
    ),
    keep=Events("started_at"),
    columns=(
        Column("started_at", "{started_at}", "timestamp"),
        # The id of a user, the number of a phone.
        Column("participant_id", "id", personal=True, whose="itself", never_null=True),
        # By what somebody is known: user, guest, phone, applicationInstance and others.
        Column("identity", "identity", "json", personal=True, whose="anybody"),
    ),
    permissions=(CALL_RECORDS_READ,),
    every=timedelta(hours=1),
    licence="Microsoft Teams",
    costly=True,
)
