"""The wire log, and its judge where that tool is at hand (it is not part of this repository)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.conftest import Sandbox, started

pytestmark = pytest.mark.stack

JUDGE = Path(__file__).resolve().parents[3] / "shared" / "tools" / "graph_contract" / "check.py"
LISTS = (
    "/users?$top=999",
    "/users?$select=id,signInActivity&$top=500",
    "/groups",
    "/groups?$expand=members($select=id)&$top=5",
    "/subscribedSkus",
    "/directory/subscriptions",
    "/reports/authenticationMethods/userRegistrationDetails",
    "/identity/conditionalAccess/policies",
    "/identity/conditionalAccess/namedLocations",
    "/roleManagement/directory/roleDefinitions",
    "/roleManagement/directory/roleAssignments?$expand=principal",
    "/auditLogs/signIns",
    "/auditLogs/directoryAudits",
    "/organization",
    "/domains",
    "/admin/serviceAnnouncement/healthOverviews?$expand=issues",
    "/admin/serviceAnnouncement/issues",
    "/servicePrincipals",
)
REPORTS = (
    "getMailboxUsageDetail",
    "getOneDriveUsageAccountDetail",
    "getTeamsUserActivityUserDetail",
    "getOffice365ActiveUserDetail",
)
DOCUMENTED = ("throttle", "throttle_silent", "unavailable", "expired_token", "missing_licence")


def _exercise(sandbox: Sandbox) -> None:
    """Every path once, change rounds, a batch, and the faults that are documented behaviour."""
    for path in LISTS:
        sandbox.read(path)
    user = sandbox.get("/users?$top=1").json()["value"][0]
    group = sandbox.get("/groups?$top=1").json()["value"][0]
    for path in (f"/users/{user['id']}", f"/groups/{group['id']}", "/admin/reportSettings"):
        assert sandbox.get(path).status_code == 200
    sandbox.read(f"/groups/{group['id']}/members")
    links = [
        sandbox.read(path)[1]["@odata.deltaLink"]
        for path in (
            "/users/delta?$select=displayName,accountEnabled",
            "/groups/delta?$select=displayName,members",
        )
    ]
    sandbox.admin.life(120, seed=3)
    for link in links:
        sandbox.read(link)
        sandbox.read(link, Prefer="return=minimal")
    for report in REPORTS:
        location = sandbox.get(f"/reports/{report}(period='D7')").headers["location"]
        request = sandbox.http.build_request("GET", location)
        del request.headers["Authorization"]
        assert sandbox.http.send(request).status_code == 200
    urls = [f"/groups/{row['id']}/members?$select=id" for row in sandbox.read("/groups")[0][:15]]
    items = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
    assert sandbox.http.post("/$batch", json={"requests": items}).status_code == 200
    for kind in DOCUMENTED:
        sandbox.admin.faults({"kind": kind, "path": "/users", "count": 1})
        assert sandbox.get("/users").status_code >= 400
    sandbox.admin.faults({"kind": "delta_reset", "path": "delta", "count": 1})
    assert sandbox.get(links[0]).status_code == 410
    sandbox.admin.faults({"kind": "empty_page", "path": "/users", "count": 1})
    sandbox.read("/users?$select=id")
    sandbox.admin.clear_faults()


@pytest.fixture(scope="module")
def wire_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a sandbox that was exercised and stopped."""
    data = tmp_path_factory.mktemp("wire")
    file = data / "wire.jsonl"
    with started(data, "--users", "120", "--throttle-scale", "0", "--wire-log", str(file)) as ready:
        sandbox = Sandbox(ready)
        _exercise(sandbox)
        sandbox.http.close()
    return file


def test_the_log_is_complete_and_keeps_no_secret(wire_log: Path) -> None:
    text = wire_log.read_text(encoding="utf-8")
    records = [json.loads(line) for line in text.splitlines()]
    assert len(records) > len(LISTS) + 2 * len(REPORTS)
    assert {"$batch", "delta"} <= {
        record["url"].split("?")[0].rsplit("/", 1)[1] for record in records
    }
    assert "Bearer ey" not in text
    assert "sandbox~" not in text


@pytest.mark.skipif(not JUDGE.exists(), reason="the contract checker is not here")
def test_the_judge_finds_nothing(wire_log: Path) -> None:
    words = [sys.executable, str(JUDGE), "--strict-links", str(wire_log)]
    verdict = subprocess.run(words, capture_output=True, text=True, check=False)
    assert verdict.stdout.splitlines()[-1].endswith(" 0 findings"), verdict.stdout[-3000:]
