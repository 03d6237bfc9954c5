"""How well calls and meetings of Teams went."""

from sqlalchemy import Double, cast, true

from shared.catalog import call_quality, words
from shared.catalog.expressions import has
from shared.catalog.labels import RATING
from shared.catalog.service_rating import rating
from shared.catalog.table import AVERAGE, COUNT, SUM, Table, absent, col, report_table
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text

# https://learn.microsoft.com/en-us/graph/api/resources/callrecords-callrecord
_KINDS = {
    "groupCall": Text("Meeting or group call", "会議・グループ通話"),
    "peerToPeer": Text("Call of two", "1 対 1 の通話"),
    "unknown": Text("Unknown", "不明"),
}
_SHARES = '$[*] ? (@ == "screenSharing" || @ == "videoBasedScreenSharing")'
_MONTH = PERIOD.by_default(30)
_THERE = Text("Participants", "参加者数")
_NO_SUBJECT = Text(
    "Microsoft's call records have no subject of a meeting.",
    "Microsoft の通話レコードには会議の件名がありません。",
)
_NO_RECORDING = Text(
    "Microsoft's call records do not tell whether a meeting was recorded.",
    "Microsoft の通話レコードには録画の有無がありません。",
)


@report_table
def _meetings(s: Sources) -> Table:
    calls, users = s.events("call_records", within=_MONTH), s.entity("users")
    call, user = calls.c, users.c
    good = call_quality.qualities(s, call.id)
    score = call_quality.overall(good)
    minutes = call_quality.minutes_between(call.started_at, call.ended_at)
    there = call_quality.participants(s, call.id)
    return Table(
        calls.outerjoin(users, user.id == call.organizer_id).outerjoin(good, true()),
        col("started_at", call.started_at, Text("Began", "会議日時")),
        absent("meeting_name", "text", Text("Meeting", "会議名"), _NO_SUBJECT),
        col("organizer", user.display_name, Text("Organizer", "主催者")),
        col("participant_count", there, _THERE, personal=False, because="a number names nobody"),
        col("duration_minutes", minutes, Text("Duration (min)", "時間"), total=SUM),
        col("audio_quality", good.c.audio, Text("Good audio (%)", "音声品質"), total=AVERAGE),
        col("video_quality", good.c.video, Text("Good video (%)", "ビデオ品質"), total=AVERAGE),
        col("screen_shared", has(call.modalities, _SHARES), Text("Screen shared", "画面共有"), total=COUNT),
        absent("recorded", "bool", Text("Recorded", "録画"), _NO_RECORDING),
        col("network_quality", good.c.network, Text("Good network (%)", "ネットワーク品質"), total=AVERAGE),
        col("overall_score", score, Text("Overall score", "総合スコア"), total=AVERAGE),
        col("rating", rating(s, cast(score, Double)), Text("Rating", "評価"), labels=RATING),
        col("meeting_id", call.id, Text("Call id", "会議 ID")),
        col("call_type", call.type, Text("Kind", "種類"), labels=_KINDS),
        col("sharing_quality", good.c.sharing, Text("Good screen (%)", "画面共有品質"), total=AVERAGE),
        col("ended_at", call.ended_at, Text("Ended", "終了日時")),
        col("organizer_id", call.organizer_id, Text("Organizer's id", "主催者 ID")),
        col("id", call.id, words.ID),
    )  # fmt: skip


REPORT = Report(
    title=Text("Meeting-quality analysis", "会議品質分析"),
    description=call_quality.HOW_TOLD,
    docs="https://learn.microsoft.com/en-us/microsoftteams/stream-classification-in-call-quality-dashboard",
    table=_meetings,
    order=("-started_at",),
    chart=Chart(kind="bar", across="rating"),
    lacks={
        "call_streams": Text(
            "The quality of some calls is missing.", "一部の通話の品質が含まれていません。"
        ),
        "call_participants": Text(
            "The number of participants is missing for some calls.",
            "一部の通話の参加者数が含まれていません。",
        ),
    },
    presets={
        "meetings": Preset(
            words=Text("Meetings and group calls", "会議・グループ通話"),
            asked={"filter": "call_type eq 'groupCall'"},
        ),
        "peer_to_peer": Preset(
            words=Text("Calls of two", "1 対 1 の通話"),
            asked={"filter": "call_type eq 'peerToPeer'"},
        ),
        "poor": Preset(
            words=Text("Poor or to be improved", "不良・要改善"),
            asked={"filter": "rating eq 'poor' or rating eq 'improve'"},
        ),
    },
    powershell=PowerShellFile(
        path="TeamsManagement/MeetingQualityAnalysis",
        en="MeetingID meeting_id, meeting_name, DateTime started_at, participant_count, audio_quality, "
        "video_quality, network_quality, OverallQualityScore overall_score, QualityRating rating",
        ja="started_at, meeting_name, organizer, participant_count, duration_minutes, audio_quality, video_quality, screen_shared, recorded",
    ),
)
