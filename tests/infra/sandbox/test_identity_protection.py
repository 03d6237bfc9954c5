"""Risky users and detections agree, change as time goes by, and show as much as the licence lets see."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

USERS, DETECTIONS = "/identityProtection/riskyUsers", "/identityProtection/riskDetections"
NEWER = "include-unknown-enum-members"


@pytest.fixture(autouse=True)
def premium(sandbox: Sandbox) -> Iterator[None]:
    """The tenant has Entra ID P2 before and after a test."""
    yield
    sandbox.admin.tenant(premium="P2")


def test_whoever_is_at_risk_has_a_detection_that_nobody_has_settled(sandbox: Sandbox) -> None:
    detections = sandbox.read(DETECTIONS, Prefer=NEWER)[0]
    open_ones = ("atRisk", "confirmedCompromised")
    left = {row["userId"] for row in detections if row["riskState"] in open_ones}
    users = {row["id"]: row for row in sandbox.read(USERS, Prefer=NEWER)[0]}
    assert set(users) == {row["userId"] for row in detections}
    assert {key for key, row in users.items() if row["riskState"] in open_ones} == left
    assert len(left) < len(users), "some were settled"
    assert {row["riskLevel"] for row in users.values()} == {"none", "low", "medium", "high"} & {
        row["riskLevel"] for row in users.values()
    }
    for row in detections:
        assert row["activityDateTime"] <= row["detectedDateTime"] <= row["lastUpdatedDateTime"]


def test_a_detection_is_listed_late_and_changes_later(sandbox: Sandbox) -> None:
    since = sandbox.moment()
    known = {row["id"]: row for row in sandbox.read(DETECTIONS)[0]}
    sandbox.admin.advance(9 * 86_400)
    now = {row["id"]: row for row in sandbox.read(DETECTIONS)[0]}
    path = f"{DETECTIONS}?$filter=lastUpdatedDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}"
    told = {row["id"] for row in sandbox.read(path)[0]}
    assert now.keys() - known.keys()
    changed = {key for key in now.keys() & known.keys() if now[key] != known[key]}
    assert changed
    assert changed <= told
    late = {
        key for key in now.keys() - known.keys()
        if datetime.fromisoformat(now[key]["lastUpdatedDateTime"]) < since
    }  # fmt: skip
    assert all(
        since - datetime.fromisoformat(now[key]["detectedDateTime"]) <= timedelta(hours=2)
        for key in late
    )


def test_without_p2_levels_are_hidden_and_without_premium_all_is_refused(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(premium="P1")
    assert {row["riskLevel"] for row in sandbox.read(USERS)[0]} == {"hidden"}
    generic = [row for row in sandbox.read(DETECTIONS)[0] if row["riskEventType"] == "generic"]
    assert generic
    assert {row["riskLevel"] for row in generic} == {"hidden"}
    sandbox.admin.tenant(premium="none")
    for path in (USERS, DETECTIONS):
        assert sandbox.error(path) == (403, "Forbidden")


def test_a_second_request_within_a_second_is_refused_without_saying_when(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(1)
    answers = [sandbox.get(USERS) for _ in range(3)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all("retry-after" not in answer.headers for answer in refused)
