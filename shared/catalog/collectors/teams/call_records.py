"""Each call and meeting of Teams that has ended."""

from datetime import timedelta

from shared.catalog.graph_permissions import CALL_RECORDS_READ
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
    title=Text("Call records", "通話レコード"),
    docs="https://learn.microsoft.com/en-us/graph/api/callrecords-cloudcommunications-list-callrecords",
    # A page has 60 records; $top is not known. The organizer is no property, and comes by itself where
    # nothing is selected.
    ask=Get(
        "communications/callRecords",
        service="call_record_lists",
        selects=False,
        headers=EVERY_MEMBER,
    ),
    # A record comes when its call has ended, by when it began: hours late for a long meeting. Later it
    # is told again, with more of it and a higher version. Records are kept for thirty days.
    extent=Slices(
        "startDateTime",
        overlap=timedelta(hours=24),
        initial=timedelta(days=29),
        look_backs=(LookBack(every=timedelta(days=1), reach=timedelta(days=3)),),
        span=timedelta(days=3),
        up_to="lt",
    ),
    keep=Events("started_at", version="version"),
    columns=(
        Column("version", "version", "int", never_null=True),
        # groupCall is a meeting or a call of three or more, peerToPeer one of two.
        Column("type", "type", never_null=True),
        Column("modalities", "modalities", "json", never_null=True),
        Column("started_at", "startDateTime", "timestamp", never_null=True),
        Column("ended_at", "endDateTime", "timestamp", never_null=True),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        # Names the meeting, and in it the tenant and the organizer.
        Column("join_web_url", "joinWebUrl", personal=True, whose="organizer_id"),
        # The user's id, the number of a phone, or whatever else called. `organizer` and `participants`
        # have told nothing since 2026-06-30.
        Column("organizer_id", "organizer_v2/id", personal=True, whose="itself"),
    ),
    permissions=(CALL_RECORDS_READ,),
    every=timedelta(hours=1),
    licence="Microsoft Teams",
    # Without Teams the list is empty, and nobody is refused.
    plans=("TEAMS", "Teams_"),
)
