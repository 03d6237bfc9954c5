"""How long a call was, how many were there, and how good its streams were.

Microsoft's Call Quality Dashboard tells good streams from poor:

- Audio is poor with a degradation above 1.0, a round trip above 0.5 s, a loss above 0.1, a jitter above
  0.03 s or more than 0.07 of it concealed; it is good if one of them is known and none is exceeded.
- Of video the first that is known of frame loss (above 50 %), frame rate (below 7) and loss after
  correction (above 0.15) decides; of a shared screen the same, with a frame rate below 2.
- What has none of these figures is not classified, and counts for nothing.

https://learn.microsoft.com/en-us/microsoftteams/stream-classification-in-call-quality-dashboard
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import add

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from shared.catalog.expressions import percent
from shared.core.report import Sources
from shared.core.text import Text

AUDIO, VIDEO, SHARING = (
    ("main-audio",),
    ("main-video", "panoramic-video"),
    ("applicationsharing-video",),
)
type _Limits = Mapping[ColumnElement[float], float]

# What the overall score makes of the three.
_WEIGHTS = {"audio": 5, "video": 3, "network": 2}

# What a reader of the figures is told.
HOW_TOLD = Text(
    "One row per call or meeting, newest first. Quality is 100 × good ÷ (good + poor) streams, told "
    "apart as Microsoft's Call Quality Dashboard does. Audio is poor with a degradation above 1.0, a "
    "round trip above 0.5 s, a packet loss above 0.1, a jitter above 0.03 s or a concealed share above "
    "0.07. Video is poor by the first known of frame loss above 50 %, frame rate below 7 and loss "
    "after correction above 0.15; shared screens with a frame rate below 2. Network is that of audio "
    "by round trip, loss and jitter alone. Overall is the mean of audio (weight 5), video (3) and "
    "network (2), as far as known; shared screens do not count. Streams without figures are not "
    "classified.",
    "通話・会議ごとに 1 行、新しい順。品質は 100 × 良好 ÷ (良好 + 不良) のストリーム数で、Microsoft の Call Quality "
    "Dashboard の分類によります。音声は劣化 1.0、往復遅延 0.5 秒、パケット損失 0.1、ジッター 0.03 秒、補間率 0.07 の"
    "いずれかを超えると不良。ビデオはフレーム損失 50 % 超、フレーム レート 7 未満、訂正後損失 0.15 超のうち最初に判明した"
    "もので判定し、画面共有のフレーム レートは 2 未満を不良とします。ネットワークは音声の往復遅延・損失・ジッターのみ。"
    "総合スコアは判明分の加重平均 (音声 5、ビデオ 3、ネットワーク 2) で、画面共有は含みません。値のないストリームは"
    "分類しません。",
)


def qualities(s: Sources, call: ColumnElement[str]) -> FromClause:
    """Return one row of the shares of good streams of a call in percent, null where none is classified.

    `audio`, `video`, `sharing`, `network` (of audio by round trip, loss and jitter alone).
    """
    streams = s.events("call_streams")
    stream = streams.c
    path: _Limits = {
        stream.average_round_trip_seconds: 0.5,
        stream.average_packet_loss_rate: 0.1,
        stream.average_jitter_seconds: 0.03,
    }
    ear: _Limits = {stream.average_audio_degradation: 1.0, stream.average_concealed_ratio: 0.07}

    def share(labels: Sequence[str], poor: ColumnElement[bool]) -> ColumnElement[float]:
        one = stream.label.in_([literal_column(f"'{label}'") for label in labels])
        return percent(func.count().filter(one, ~poor), func.count().filter(one, poor.is_not(None)))

    shares = {
        "audio": share(AUDIO, _exceeds({**path, **ear})),
        "video": share(VIDEO, _jerks(streams, 7)),
        "sharing": share(SHARING, _jerks(streams, 2)),
        "network": share(AUDIO, _exceeds(path)),
    }
    # OFFSET makes them columns: the score would else have each count written out again.
    return (
        select(*(value.label(name) for name, value in shares.items()))
        .where(stream.parent_id == call)
        .offset(literal_column("0"))
        .lateral()
    )


def _exceeds(limits: _Limits) -> ColumnElement[bool]:
    """Tell whether a figure exceeds its limit; null if none is known."""
    known = func.num_nonnulls(*limits) > 0
    over = or_(*(figure > limit for figure, limit in limits.items()))
    return case((known, func.coalesce(over, False)))


def _jerks(streams: FromClause, slowest: int) -> ColumnElement[bool]:
    """Tell whether the first figure that is known is beyond its limit; null if none is known."""
    stream = streams.c
    loss, rate = stream.average_video_frame_loss_percent, stream.average_video_frame_rate
    return case(
        (loss.is_not(None), loss > 50),
        (rate.is_not(None), rate < slowest),
        else_=stream.post_fec_packet_loss_rate > 0.15,
    )


def overall(shares: FromClause) -> ColumnElement[int]:
    """Return the mean of those `qualities` that are known by their weights, rounded; null without."""
    parts = [(shares.c[name], weight) for name, weight in _WEIGHTS.items()]
    points = reduce(add, (func.coalesce(share, 0) * weight for share, weight in parts))
    weights = reduce(add, (case((share.is_not(None), weight), else_=0) for share, weight in parts))
    return cast(func.round(cast(points / func.nullif(weights, 0), Numeric)), BigInteger)


def participants(s: Sources, call: ColumnElement[str]) -> ColumnElement[int]:
    """Return how many took part in a call; null where that was not read: somebody always does."""
    present = s.events("call_participants").c
    number = func.nullif(func.count(), 0, type_=BigInteger)
    return select(number).where(present.parent_id == call).scalar_subquery()


def minutes_between(
    start: ColumnElement[datetime], end: ColumnElement[datetime]
) -> ColumnElement[float]:
    """Return the minutes, two decimals; null where the end lies before the start."""
    seconds = func.date_part("epoch", end - start, type_=Double)
    known = case((seconds >= 0, cast(seconds / 60, Numeric)))
    return cast(func.round(known, 2), Double())
