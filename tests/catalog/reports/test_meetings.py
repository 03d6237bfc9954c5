"""The report on meetings: streams told good from poor, and all of a tenant counted once more."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.areas.call_records import calls_of
from infra.local.sandbox.tenant.calendar import DAY
from shared.core import clock
from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.catalog.reports.simulated import SEEDS, Stored, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

QUALITIES = ("audio_quality", "video_quality", "sharing_quality", "network_quality")


def call(name: str, **more: object) -> Object:
    """A meeting of yesterday that took half an hour."""
    times = {"started_at": days_ago(1), "ended_at": days_ago(1 - 1 / 48)}
    return {"id": name, "type": "groupCall", "modalities": ["audio"], **times, **more}


def streams(meeting: str, label: str, *figures: Object) -> list[Object]:
    return [
        {"id": f"{meeting}/{label}-{n}", "call_started_at": days_ago(1), "label": label, **told}
        for n, told in enumerate(figures)
    ]


def shares(engine: Engine, *told: Object) -> dict[str, object]:
    """The qualities of a call of these streams."""
    collect(engine, TENANT, "call_records", [call("m")])
    collect(engine, TENANT, "call_streams", told)
    return rows(engine, "meetings")["m"]


FINE = {
    "average_audio_degradation": 1.0,
    "average_round_trip_seconds": 0.5,
    "average_packet_loss_rate": 0.1,
    "average_jitter_seconds": 0.03,
    "average_concealed_ratio": 0.07,
}


@pytest.mark.parametrize("figure", FINE)
def test_audio_is_poor_when_one_figure_exceeds_its_limit(engine: Engine, figure: str) -> None:
    beyond, alone = {**FINE, figure: FINE[figure] + 0.001}, {figure: FINE[figure] + 0.001}
    found = shares(engine, *streams("m", "main-audio", FINE, beyond, alone, {}))
    assert found["audio_quality"] == pytest.approx(33.33)
    of_the_ear = figure in ("average_audio_degradation", "average_concealed_ratio")
    assert found["network_quality"] == (100.0 if of_the_ear else pytest.approx(33.33))


LOSS, RATE, CORRECTED = (
    "average_video_frame_loss_percent",
    "average_video_frame_rate",
    "post_fec_packet_loss_rate",
)


@pytest.mark.parametrize(
    ("told", "is_good"),
    [
        ({LOSS: 50.0, RATE: 1.0, CORRECTED: 1.0}, True),
        ({LOSS: 50.1, RATE: 30.0, CORRECTED: 0.0}, False),
        ({RATE: 7.0, CORRECTED: 1.0}, True),
        ({RATE: 6.9, CORRECTED: 0.0}, False),
        ({CORRECTED: 0.15}, True),
        ({CORRECTED: 0.16}, False),
        ({}, None),
    ],
)
def test_of_video_the_first_known_figure_decides(
    engine: Engine, told: dict[str, float], is_good: bool | None
) -> None:
    found = shares(engine, *streams("m", "main-video", told))
    assert found["video_quality"] == (None if is_good is None else 100.0 * is_good)
    assert found["overall_score"] == found["video_quality"]


def test_a_shared_screen_may_be_slower_and_counts_for_no_score(engine: Engine) -> None:
    found = shares(engine, *streams("m", "applicationsharing-video", {RATE: 2.0}, {RATE: 1.9}))
    assert (found["sharing_quality"], found["video_quality"]) == (50.0, None)
    assert (found["overall_score"], found["rating"]) == (None, None)


def test_the_score_weighs_what_is_known(engine: Engine) -> None:
    deaf = {"average_audio_degradation": 2.0}
    bad = {"average_jitter_seconds": 1.0}
    heard = streams("m", "main-audio", FINE, FINE, deaf, bad)
    seen = streams("m", "main-video", {RATE: 30.0}, {RATE: 1.0}, {RATE: 1.0})
    found = shares(engine, *heard, *seen, *streams("m", "data", FINE))
    assert [found[name] for name in QUALITIES] == [50.0, pytest.approx(33.33), None, pytest.approx(66.67)]  # fmt: skip
    # (5 · 50 + 3 · 33.33 + 2 · 66.67) ÷ 10
    assert (found["overall_score"], found["rating"]) == (48, "improve")


def test_a_call_is_told_with_what_is_known_of_it(engine: Engine) -> None:
    collect(engine, TENANT, "users", [{"id": "u", "display_name": "佐藤"}])
    calls = [
        call("own", organizer_id="u", modalities=["audio", "videoBasedScreenSharing"]),
        call("phone", organizer_id="+81501234", type="peerToPeer", modalities=None),
        call("back", started_at=days_ago(1), ended_at=days_ago(2)),
        call("old", started_at=days_ago(31)),
    ]
    collect(engine, TENANT, "call_records", calls)
    there = [{"id": f"own/{n}", "started_at": days_ago(1)} for n in range(3)]
    collect(engine, TENANT, "call_participants", there)
    found = rows(engine, "meetings")
    assert set(found) == {"own", "phone", "back"}
    names = ("organizer", "participant_count", "duration_minutes", "screen_shared", "rating")
    assert [found["own"][name] for name in names] == ["佐藤", 3, 30.0, True, None]
    assert [found["phone"][name] for name in names] == [None, None, 30.0, None, None]
    assert found["back"]["duration_minutes"] is None
    assert found["back"]["screen_shared"] is False


def _seconds(text: str | None) -> float | None:
    return None if text is None else float(text.removeprefix("PT").removesuffix("S"))


def _verdict(label: str, one: dict[str, Any], *, network: bool = False) -> bool | None:
    """Whether a stream as Graph tells it is good; None if nothing of it is known."""
    if label == "main-audio":
        limits = [
            (_seconds(one["averageRoundTripTime"]), 0.5),
            (one["averagePacketLossRate"], 0.1),
            (_seconds(one["averageJitter"]), 0.03),
        ]
        if not network:
            limits += [
                (one["averageAudioDegradation"], 1.0),
                (one["averageRatioOfConcealedSamples"], 0.07),
            ]
        known = [(value, most) for value, most in limits if value is not None]
        return all(value <= most for value, most in known) if known else None
    if (loss := one["averageVideoFrameLossPercentage"]) is not None:
        return bool(loss <= 50)
    if (rate := one["averageVideoFrameRate"]) is not None:
        return bool(rate >= (2 if label.startswith("app") else 7))
    after = one["postForwardErrorCorrectionPacketLossRate"]
    return None if after is None else bool(after <= 0.15)


def _kinds(sessions: list[dict[str, Any]]) -> Iterator[tuple[str, bool | None]]:
    names = {"main-audio": "audio", "main-video": "video", "applicationsharing-video": "sharing"}
    for session in sessions:
        for segment in session["segments"]:
            for medium in segment["media"]:
                for one in medium["streams"]:
                    yield names[medium["label"]], _verdict(medium["label"], one)
                    if medium["label"] == "main-audio":
                        yield "network", _verdict("main-audio", one, network=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_report_says_what_the_tenant_had(app_engine: Engine, seed: int) -> None:
    tenant, now = simulated(seed), clock.now()
    calls, stored = tenant.part(calls_of), Stored(app_engine)
    moment = now.timestamp()
    days = calls.between(moment - 5 * DAY, moment, moment)
    records = {record["id"]: record for record in days}
    stored.keep("users", told(tenant, "users"))
    stored.keep("call_records", records.values())
    drawn = {own: calls.find(own, moment) for own in records}
    people = {own: calls.participants(one[1]) for own, one in drawn.items() if one}
    talks = {own: calls.sessions(*one, segments=True) for own, one in drawn.items() if one}
    started = {own: {"started_at": record["startDateTime"]} for own, record in records.items()}
    stored.keep_below("call_participants", people, started)
    stored.keep_below("call_streams", talks, started)
    found = rows(app_engine, "meetings", tenant=stored.tenant_id)
    names = {user["id"]: user["displayName"] for user in told(tenant, "users")}
    assert set(found) == set(records)
    for own, row in found.items():
        record = records[own]
        assert row["participant_count"] == len(people[own])
        assert row["organizer"] == names.get(record["organizer_v2"]["id"])
        assert row["screen_shared"] == ("videoBasedScreenSharing" in record["modalities"])
        verdicts: defaultdict[str, list[bool]] = defaultdict(list)
        for kind, verdict in _kinds(talks[own]):
            verdicts[kind] += [] if verdict is None else [verdict]
        expected = {
            kind: 100 * sum(good) / len(good) if (good := verdicts[kind]) else None
            for kind in ("audio", "video", "sharing", "network")
        }
        for kind, share in expected.items():
            assert row[f"{kind}_quality"] == (
                None if share is None else pytest.approx(share, abs=0.01)
            )
        weights = {kind: weight for kind, weight in (("audio", 5), ("video", 3), ("network", 2)) if expected[kind] is not None}  # fmt: skip
        points = sum(weight * (expected[kind] or 0) for kind, weight in weights.items())
        score = points / sum(weights.values()) if weights else None
        assert row["overall_score"] == (None if score is None else pytest.approx(score, abs=0.51))
    for name in (*QUALITIES, "overall_score"):
        assert len({row[name] for row in found.values()}) > 1, name
    assert {row["rating"] for row in found.values()} >= {"excellent"}
