"""Injected faults reach the client as documented, and are reproducible."""

from collections.abc import Callable

import httpx
import pytest

from infra.local.sandbox.client import SandboxError
from tests.infra.sandbox.conftest import Sandbox, trust

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 429, "TooManyRequests"),
        ("throttle_silent", 429, "TooManyRequests"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("gateway_timeout", 504, "UnknownError"),
        ("server_error", 500, "UnknownError"),
        ("expired_token", 401, "InvalidAuthenticationToken"),
        ("missing_permission", 403, "Authorization_RequestDenied"),
        ("missing_licence", 403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"),
    ],
)
def test_refusals(sandbox: Sandbox, kind: str, status: int, code: str) -> None:
    sandbox.admin.faults({"kind": kind, "path": "/domains", "count": 1, "retry_after": 9})
    answer = sandbox.get("/domains")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("retry-after") == (
        "9" if kind in ("throttle", "unavailable") else None
    )
    assert sandbox.get("/domains").status_code == 200


def test_after_count_and_method_limit_a_rule(sandbox: Sandbox) -> None:
    sandbox.admin.faults({"kind": "unavailable", "path": "/domains", "after": 2, "count": 1})
    assert [sandbox.get("/domains").status_code for _ in range(5)] == [200, 200, 503, 200, 200]
    sandbox.admin.faults({"kind": "unavailable", "method": "POST"})
    assert sandbox.get("/domains").status_code == 200


def test_the_same_seed_strikes_the_same_requests(sandbox: Sandbox) -> None:
    def strikes(seed: int) -> list[int]:
        sandbox.admin.faults({"kind": "unavailable", "probability": 0.5}, seed=seed)
        return [sandbox.get("/domains").status_code for _ in range(20)]

    assert strikes(3) == strikes(3)
    assert strikes(3) != strikes(4)


@pytest.mark.parametrize("kind", ["reset", "cut"])
def test_broken_connections(sandbox: Sandbox, kind: str) -> None:
    sandbox.admin.faults({"kind": kind, "path": "/groups", "count": 1})
    with pytest.raises(httpx.TransportError):
        sandbox.get("/groups")
    assert sandbox.get("/groups").status_code == 200


def test_slow_pages_take_their_time(sandbox: Sandbox) -> None:
    sandbox.admin.faults({"kind": "slow", "path": "/domains", "seconds": 0.5})
    assert sandbox.get("/domains").elapsed.total_seconds() >= 0.5


def test_empty_pages_have_a_link_and_lose_nothing(sandbox: Sandbox) -> None:
    expected = {row["id"] for row in sandbox.read("/users?$select=id")[0]}
    for path in ("/users?$select=id", "/users/delta?$select=id"):
        sandbox.admin.faults({"kind": "empty_page", "path": "/users", "count": 2})
        page = sandbox.get(path).json()
        assert page["value"] == []
        assert {row["id"] for row in sandbox.read(page["@odata.nextLink"])[0]} == expected


def test_delta_reset_waits_for_a_token(sandbox: Sandbox) -> None:
    sandbox.admin.faults({"kind": "delta_reset", "path": "/users/delta", "count": 1})
    first = sandbox.get("/users/delta?$select=id")
    assert first.status_code == 200
    answer = sandbox.get(first.json()["@odata.nextLink"])
    assert answer.status_code == 410
    assert answer.headers["location"].endswith("/users/delta?$deltatoken=")


def test_replays_and_duplicates(sandbox: Sandbox) -> None:
    link = sandbox.read("/users/delta?$select=displayName")[1]["@odata.deltaLink"]
    sandbox.admin.faults({"kind": "replay", "path": "deltatoken"})
    assert len(sandbox.read(link)[0]) >= 3
    sandbox.admin.faults({"kind": "duplicate_rows", "path": "/users"})
    rows = sandbox.get("/users?$select=id").json()["value"]
    assert len(rows) == len({row["id"] for row in rows}) + 3


@pytest.mark.parametrize(
    ("kind", "broken"),
    [
        ("malformed_json", lambda answer: answer.text.count("{") != answer.text.count("}")),
        ("garbage", lambda answer: answer.text.startswith("<html>")),
        ("unknown_enum", lambda answer: "sandboxUnknownMember" in answer.text),
        ("wrong_type", lambda answer: '{"unexpected":[1,2]}' in answer.text),
    ],
)
def test_damaged_answers(
    sandbox: Sandbox, kind: str, broken: Callable[[httpx.Response], bool]
) -> None:
    sandbox.admin.faults({"kind": kind, "path": "/auditLogs/signIns"})
    assert broken(sandbox.get("/auditLogs/signIns?$top=20"))


def test_concealed_names_reach_reports_and_settings(sandbox: Sandbox) -> None:
    def names() -> set[str]:
        location = sandbox.get("/reports/getMailboxUsageDetail(period='D7')").headers["location"]
        answer = sandbox.http.get(location, headers={"Authorization": ""})
        assert answer.status_code == 401  # even an empty Authorization header is one too many
        with httpx.Client(verify=trust(sandbox.ca_file)) as bare:
            rows = bare.get(location).content.decode("utf-8-sig").splitlines()[1:]
        return {row.split(",")[1] for row in rows}

    assert all("@" in name for name in names())
    sandbox.admin.faults({"kind": "concealed_names"})
    assert all(len(name) == 32 and "@" not in name for name in names())
    assert sandbox.get("/admin/reportSettings").json()["displayConcealedNames"] is True


def test_unlicensed_tenants_are_told_so(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(premium="none")
    try:
        for path in ("/auditLogs/signIns", "/users?$select=id,signInActivity"):
            status, code = sandbox.error(path)
            assert (status, code.split("_")[1]) == (403, "RequestFromNonPremiumTenantOrB2CTenant")
        assert sandbox.get("/auditLogs/directoryAudits").status_code == 200
    finally:
        sandbox.admin.tenant(premium="P2")


@pytest.mark.parametrize("premium", ["none", "P1"])
def test_eligibilities_of_roles_need_the_second_plan(sandbox: Sandbox, premium: str) -> None:
    path = "/roleManagement/directory/roleEligibilityScheduleInstances"
    sandbox.admin.tenant(premium=premium)
    try:
        assert sandbox.error(path) == (400, "AadPremiumLicenseRequired")
        assert sandbox.get("/roleManagement/directory/roleAssignments").status_code == 200
    finally:
        sandbox.admin.tenant(premium="P2")
    rows, _page = sandbox.read(f"{path}?$expand=principal")
    assert {row["principal"]["@odata.type"] for row in rows} == {
        "#microsoft.graph.user",
        "#microsoft.graph.group",
    }
    assert None in {row["endDateTime"] for row in rows}
    assert sandbox.error(f"{path}?$orderby=startDateTime")[0] == 400


def test_unknown_faults_and_strangers_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="unknown fault"):
        sandbox.admin.faults({"kind": "earthquake"})
    answer = sandbox.http.post(f"{sandbox.origin}/sandbox/stats")
    assert answer.status_code == 401
