"""Analyzed emails and hunting: bounds, verdicts that move, questions that are not served."""

from datetime import timedelta
from typing import Any

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH, HUNT = "/security/collaboration/analyzedEmails", "/security/runHuntingQuery"


def hunted(sandbox: Sandbox, query: str) -> list[dict[str, Any]]:
    answer = sandbox.http.post(HUNT, json={"query": query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["results"])


def test_messages_lie_between_the_bounds_and_verdicts_move(sandbox: Sandbox) -> None:
    high = sandbox.moment()
    low = high - timedelta(days=2)
    window = (
        f"{PATH}?startTime={low:%Y-%m-%dT%H:%M:%SZ}&endTime={high:%Y-%m-%dT%H:%M:%SZ}&$top=1000"
    )
    rows, _page = sandbox.read(window)
    edge = f"{low:%Y-%m-%dT%H:%M}", f"{high:%Y-%m-%dT%H:%M:%S}"
    assert all(edge[0] <= row["loggedDateTime"] < edge[1] for row in rows)
    before = {row["id"]: row["threatTypes"] for row in rows}
    assert len(before) == len(rows) > 300
    sandbox.admin.advance(3 * 3_600)
    later = {row["id"]: row for row in sandbox.read(window)[0]}
    moved = [own for own, threats in before.items() if later[own]["threatTypes"] != threats]
    assert all(later[own]["timelineEvents"][0]["eventType"] == "zap" for own in moved)
    pairs = {tuple(row["threatTypes"]) for row in later.values()}
    assert pairs >= {("none",), ("spam",), ("phish", "malware")}
    levels = [int(row["bulkComplaintLevel"]) for row in later.values()]
    assert max(levels) >= 7
    assert sandbox.error(f"{PATH}?$select=id")[0] == 400
    assert sandbox.error(f"{PATH}?startTime=yesterday")[0] == 400


def test_hunting_answers_what_is_asked(sandbox: Sandbox) -> None:
    since = sandbox.moment() - timedelta(days=1)
    where = f"EmailEvents | where Timestamp >= datetime({since:%Y-%m-%dT%H:%M:%SZ})"
    every = hunted(sandbox, where)
    assert {"", "Spam"} <= {row["ThreatTypes"] for row in every}
    chosen = hunted(sandbox, f"{where} | project Timestamp, ThreatTypes | take 5")
    assert [set(row) for row in chosen] == [{"Timestamp", "ThreatTypes"}] * 5
    assert all(row["Timestamp"] >= f"{since:%Y-%m-%dT%H:%M:%S}" for row in every)


@pytest.mark.parametrize("query", ["Nowhere | take 5", "EmailEvents | render timechart"])
def test_what_is_not_known_is_refused(sandbox: Sandbox, query: str) -> None:
    answer = sandbox.http.post(HUNT, json={"Query": query})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert sandbox.http.post(HUNT, json={}).status_code == 400


def test_a_tenant_without_the_plan_is_told_so(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(notBought=["defender_office"])
    try:
        assert sandbox.error(PATH) == (403, "Forbidden")
        answer = sandbox.http.post(HUNT, json={"Query": "EmailEvents | take 5"})
        assert answer.status_code == 400
        assert "Failed to resolve table" in answer.json()["error"]["message"]
    finally:
        sandbox.admin.tenant(notBought=[])
