"""Secure scores: a slow rise over ninety days, and the controls that they are made of."""

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

SCORES, CONTROLS = "/security/secureScores", "/security/secureScoreControlProfiles"


def test_ninety_days_newest_first_with_gaps_and_a_new_maximum(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(f"{SCORES}?$top=20")
    days = [row["createdDateTime"] for row in rows]
    assert days == sorted(set(days), reverse=True)
    assert 80 < len(days) < 90, "a day is missing now and then"
    assert rows[0]["currentScore"] > rows[-1]["currentScore"]
    assert rows[0]["maxScore"] > rows[-1]["maxScore"]
    names = {row["id"]: row for row in sandbox.read(CONTROLS)[0]}
    for row in rows:
        assert row["currentScore"] == pytest.approx(
            sum(one["score"] for one in row["controlScores"])
        )
        assert row["maxScore"] == sum(
            names[one["controlName"]]["maxScore"] for one in row["controlScores"]
        )
        assert all(one["scoreInPercentage"] <= 100 for one in row["controlScores"])
    deprecated = {key for key, control in names.items() if control["deprecated"]}
    assert deprecated
    assert not deprecated & {one["controlName"] for one in rows[0]["controlScores"]}


def test_a_day_has_the_same_score_whenever_it_is_asked_for(sandbox: Sandbox) -> None:
    known = {row["id"]: row for row in sandbox.read(SCORES)[0]}
    sandbox.admin.advance(2 * 86_400)
    rows, _page = sandbox.read(SCORES)
    assert rows[0]["id"] not in known
    again = {row["id"]: row for row in rows if row["id"] in known}
    assert again == {key: known[key] for key in again}
    since = min(row["createdDateTime"] for row in rows[:3])
    assert sandbox.read(f"{SCORES}?$filter=createdDateTime ge {since}")[0] == rows[:3]


def test_an_administrator_judges_controls(sandbox: Sandbox) -> None:
    live_until(sandbox.admin, lambda kinds: "secure score control" in kinds)
    judged = [row for row in sandbox.read(CONTROLS)[0] if row["controlStateUpdates"]]
    assert all(row["controlStateUpdates"][-1]["updatedBy"] for row in judged)
    assert judged


@pytest.mark.parametrize("path", [SCORES, CONTROLS])
def test_what_the_endpoints_do_not_have_is_refused(sandbox: Sandbox, path: str) -> None:
    for option in ("$select=id", "$orderby=createdDateTime", "$expand=controlScores"):
        assert sandbox.error(f"{path}?{option}")[0] == 400
    app = sandbox.admin.app(permissions=["User.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get(path, Authorization=f"Bearer {sandbox.token(other)}")
    assert denied.status_code == 403
    assert "SecurityEvents.Read.All" in denied.json()["error"]["message"]
