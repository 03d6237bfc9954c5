"""How well sound, picture and screen came across in a call or meeting; one row a stream of media."""

from datetime import timedelta

from shared.catalog.graph_permissions import CALL_RECORDS_READ
from shared.core.collector import EVERY_MEMBER, Below, Collector, Column, Events, Get, Listed
from shared.core.text import Text

_MEDIA, _STREAM = "segments/media", "segments/media/streams"


def _seconds(name: str, source: str) -> Column:
    return Column(name, f"{_STREAM}/{source}", "float", seconds=True)


def _figure(name: str, source: str) -> Column:
    return Column(name, f"{_STREAM}/{source}", "float")


COLLECTOR = Collector(
    title=Text("Call streams", "通話のメディア ストリーム"),
    docs="https://learn.microsoft.com/en-us/graph/api/callrecords-session-list",
    # The sessions as a list of their own: within a record the second page of them would have its link
    # inside the object. A page has 60 of them.
    ask=Get(
        "communications/callRecords/{id}/sessions",
        service="call_records",
        selects=False,
        expand=("segments",),
        headers=EVERY_MEMBER,
    ),
    # A call from a phone has no media at all.
    answer=Listed(each=_STREAM),
    # A request and more for each call, once, and again when its record has a newer version; when it
    # is thirty days old it is gone.
    extent=Below(
        "call_records",
        ages=(timedelta(), timedelta(days=29)),
        changed=True,
        all_every=timedelta(days=60),
        daily=20_000,
    ),
    # Streams need not say when they began: they lie where their call does.
    keep=Events("call_started_at"),
    key=("id", "segments/id", f"{_MEDIA}/label", f"{_STREAM}/streamId"),
    columns=(
        Column("call_started_at", "{started_at}", "timestamp"),
        # main-audio, main-video, applicationsharing-video, data and others.
        Column("label", f"{_MEDIA}/label"),
        Column("direction", f"{_STREAM}/streamDirection", never_null=True),
        Column("started_at", f"{_STREAM}/startDateTime", "timestamp"),
        Column("ended_at", f"{_STREAM}/endDateTime", "timestamp"),
        _figure("average_audio_degradation", "averageAudioDegradation"),
        _seconds("average_round_trip_seconds", "averageRoundTripTime"),
        # Shares, as 0.01.
        _figure("average_packet_loss_rate", "averagePacketLossRate"),
        _seconds("average_jitter_seconds", "averageJitter"),
        _figure("average_concealed_ratio", "averageRatioOfConcealedSamples"),
        # Percent.
        _figure("average_video_frame_loss_percent", "averageVideoFrameLossPercentage"),
        # Frames a second.
        _figure("average_video_frame_rate", "averageVideoFrameRate"),
        _figure("post_fec_packet_loss_rate", "postForwardErrorCorrectionPacketLossRate"),
        Column("packet_utilization", f"{_STREAM}/packetUtilization", "int"),
    ),
    permissions=(CALL_RECORDS_READ,),
    every=timedelta(hours=1),
    licence="Microsoft Teams",
    costly=True,
)
