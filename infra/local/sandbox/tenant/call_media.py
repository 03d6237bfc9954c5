"""Media of a segment of a call: what went through each way, and how well.

Figures: the ranges that Call Quality Dashboard tells apart; most streams are well within them.
"""

from infra.local.sandbox.tenant.collection import Entity

_BAD, _DEAD = 22, 12  # of 256 sessions
_WAYS = ("callerToCallee", "calleeToCaller")


def media(label: str, roll: bytes, place: int, ends: Entity) -> Entity:
    """One medium with a stream each way; `roll` is its session's."""
    return {
        "label": label,
        "streams": [_stream(label, roll, place * 2 + way, ends) for way in range(2)],
    }


def _stream(label: str, roll: bytes, place: int, ends: Entity) -> Entity:
    draw = roll[place * 3 : place * 3 + 3]
    # Of some sessions nothing was measured; who is muted sends nothing; who only watches neither.
    silent = roll[30] < _DEAD or (place % 2 == 0 and roll[31 + place // 2] < 40)
    bad = roll[34] < _BAD and draw[0] < 170
    kept = (
        {} if silent else _audio(draw, bad=bad) if label == "main-audio" else _video(draw, bad=bad)
    )
    return {
        "streamId": str(100_000 + place * 1_000 + roll[35]),
        "streamDirection": _WAYS[place % 2],
        "startDateTime": None if silent else ends["startDateTime"],
        "endDateTime": None if silent else ends["endDateTime"],
        "packetUtilization": 0 if silent else 400 + draw[2] * 200,
        "wasMediaBypassed": False,
        **_NOTHING,
        **kept,
    }


_NOTHING: Entity = {
    "averageAudioDegradation": None,
    "averageRoundTripTime": None,
    "averagePacketLossRate": None,
    "averageJitter": None,
    "averageRatioOfConcealedSamples": None,
    "averageVideoFrameLossPercentage": None,
    "averageVideoFrameRate": None,
    "postForwardErrorCorrectionPacketLossRate": None,
}


def _audio(draw: bytes, *, bad: bool) -> Entity:
    return {
        "averageAudioDegradation": None if draw[0] < 200 else round(draw[0] / 300, 3),
        "averageRoundTripTime": _duration(draw[1] * 4 if bad else draw[1] // 2),
        "averagePacketLossRate": round(draw[2] / 1_000, 4) if bad else round(draw[2] / 50_000, 5),
        "averageJitter": _duration(20 + draw[2] // 8 if bad else draw[2] // 16),
        "averageRatioOfConcealedSamples": None if draw[1] < 60 else round(draw[0] / (2_000 if bad else 9_000), 4),
    }  # fmt: skip


def _video(draw: bytes, *, bad: bool) -> Entity:
    return {
        "averageRoundTripTime": _duration(draw[1] // 2),
        "averageVideoFrameLossPercentage": None if draw[0] % 3 else float(70 if bad else draw[0] // 8),
        "averageVideoFrameRate": None if draw[0] % 3 == 1 else float(1 + draw[1] % 6 if bad else 8 + draw[1] % 22),
        "postForwardErrorCorrectionPacketLossRate": round(0.2 if bad else draw[2] / 9_000, 4),
    }  # fmt: skip


def _duration(milliseconds: int) -> str:
    """ISO 8601, as Graph writes it: `PT0.016S`."""
    return f"PT{milliseconds / 1_000:.7g}S"
