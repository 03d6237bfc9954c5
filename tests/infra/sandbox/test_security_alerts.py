"""Security alerts: polled by their last change, worked on as time passes, told of by many products."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH = "/security/alerts_v2"
NEWER = "include-unknown-enum-members"


def _moment(row: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(row[name]).astimezone(UTC)


def test_half_a_year_newest_first(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(f"{PATH}?$top=100")
    assert len(rows) == len({row["id"] for row in rows}) > 300
    created = [row["createdDateTime"] for row in rows]
    assert created == sorted(created, reverse=True)
    severities = Counter(row["severity"] for row in rows)
    assert severities["high"] < severities["medium"] < severities["low"]
    assert {row["status"] for row in rows} == {"new", "inProgress", "resolved"}
    for row in rows:
        assert row["createdDateTime"] <= row["lastUpdateDateTime"]
        assert (row["status"] == "resolved") == (row["resolvedDateTime"] is not None)
    kinds = {piece["@odata.type"] for row in rows for piece in row["evidence"]}
    assert len(kinds) >= 8
    assert all(kind.startswith("#microsoft.graph.security.") for kind in kinds)
    assert {len(row["evidence"]) for row in rows} >= {0, 2, 4, 60}


def test_only_what_changed_since_is_told_and_old_ones_come_back(sandbox: Sandbox) -> None:
    since = sandbox.moment()
    known = {row["id"]: row for row in sandbox.read(PATH)[0]}
    sandbox.admin.advance(20 * 86_400)
    told, _page = sandbox.read(f"{PATH}?$filter=lastUpdateDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}")
    assert all(_moment(row, "lastUpdateDateTime") >= since for row in told)
    again = [row for row in told if row["id"] in known]
    assert again
    assert len(told) > len(again)
    for row in again:
        before = known[row["id"]]
        assert (before["status"], before["lastUpdateDateTime"]) != (
            row["status"],
            row["lastUpdateDateTime"],
        )
    now = {row["id"]: row for row in sandbox.read(PATH)[0]}
    silent = now.keys() & known.keys() - {row["id"] for row in told}
    assert all(now[key] == known[key] for key in silent)


def test_newer_members_are_held_back(sandbox: Sandbox) -> None:
    plain = {row["id"]: row for row in sandbox.read(PATH)[0]}
    asked = {row["id"]: row for row in sandbox.read(PATH, Prefer=NEWER)[0]}
    hidden = [key for key, row in plain.items() if row["serviceSource"] == "unknownFutureValue"]
    assert hidden
    assert {asked[key]["serviceSource"] for key in hidden} == {"microsoftSentinel"}
    one = sandbox.get(f"{PATH}/{hidden[0]}", Prefer=NEWER).json()
    assert one["detectionSource"] == "scheduledAlerts"


def test_what_the_endpoint_does_not_have_is_refused(sandbox: Sandbox) -> None:
    for option in ("$select=id", "$orderby=createdDateTime", "$expand=evidence"):
        assert sandbox.error(f"{PATH}?{option}")[0] == 400
    skipped = sandbox.get(f"{PATH}?$skip=3&$top=1").json()["value"]
    assert skipped == sandbox.get(f"{PATH}?$top=4").json()["value"][3:]
    status, code = sandbox.error(f"{PATH}/da00000000-0000-4000-a000-000000000000_1")
    assert (status, code) == (404, "NotFound")


def test_an_alert_is_told_of_by_hand(sandbox: Sandbox) -> None:
    old = sandbox.read(PATH)[0][-3]
    since = datetime.fromisoformat(sandbox.admin.stats()["now"]) - timedelta(minutes=5)
    again = {"id": old["id"], "status": "inProgress", "resolvedDateTime": None}
    sandbox.admin.event("security_alerts", again, age=30)
    new = sandbox.admin.event("security_alerts", {"title": "by hand"})
    path = f"{PATH}?$filter=lastUpdateDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}"
    told = {row["id"]: row for row in sandbox.read(path)[0]}
    assert told[old["id"]]["status"] == "inProgress"
    assert told[new["id"]]["title"] == "by hand"
    assert sandbox.admin.journal("security_alerts")["objects"][old["id"]]["status"] == "inProgress"


def test_one_touched_by_hand_stands_in_its_place_and_leaves_with_its_time(sandbox: Sandbox) -> None:
    rows = sandbox.read(PATH)[0]
    leaving, staying = rows[-2], rows[len(rows) // 2]
    for old in (leaving, staying):
        again = {"id": old["id"], "status": "inProgress", "resolvedDateTime": None}
        sandbox.admin.event("security_alerts", again, age=30)
    sandbox.admin.advance(86_400 * 3)
    later = sandbox.read(PATH)[0]
    created = [row["createdDateTime"] for row in later]
    assert created == sorted(created, reverse=True)
    ids = [row["id"] for row in later]
    assert (leaving["id"] in ids, ids.count(staying["id"])) == (False, 1)
    assert sandbox.error(f"{PATH}/{leaving['id']}")[0] == 404
    since = datetime.fromisoformat(sandbox.admin.stats()["now"]) - timedelta(days=4)
    path = f"{PATH}?$filter=lastUpdateDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}"
    changed = [row["createdDateTime"] for row in sandbox.read(path)[0]]
    assert staying["createdDateTime"] in changed
    assert changed == sorted(changed, reverse=True)


def test_refusals_name_roles_and_the_licence(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(notBought=["defender"])
    try:
        assert sandbox.error(PATH) == (403, "Forbidden")
    finally:
        sandbox.admin.tenant(notBought=[])
    app = sandbox.admin.app(permissions=["User.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get(PATH, Authorization=f"Bearer {sandbox.token(other)}")
    assert denied.status_code == 403
    assert "SecurityAlert.Read.All" in denied.json()["error"]["message"]
