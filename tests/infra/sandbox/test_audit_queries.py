"""Searches of the unified audit log: posted, asked for until they end, and read."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH = "/security/auditLog/queries"


@pytest.fixture
def slow(sandbox: Sandbox) -> Sandbox:
    """The sandbox with searches that take an hour of its time."""
    sandbox.admin.tenant(auditQuerySeconds=3_600, auditDetails=False)
    return sandbox


def _post(sandbox: Sandbox, days: float = 3, **asked: Any) -> httpx.Response:
    now = datetime.fromisoformat(sandbox.admin.stats()["now"])
    bounds = {
        "filterStartDateTime": f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}",
        "filterEndDateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
    }
    return sandbox.http.post(PATH, json={"displayName": "test", **bounds, **asked})


def _ended(sandbox: Sandbox, days: float = 3, **asked: Any) -> dict[str, Any]:
    key = _post(sandbox, days, **asked).json()["id"]
    sandbox.admin.advance(3_601)
    return dict(sandbox.get(f"{PATH}/{key}").json())


def test_a_search_runs_then_ends(slow: Sandbox) -> None:
    answer = _post(slow, recordTypeFilters=["ExchangeAdmin"])
    assert answer.status_code == 201
    assert answer.json()["status"] == "notStarted"
    path = f"{PATH}/{answer.json()['id']}"
    assert slow.error(f"{path}/records")[0] == 400
    slow.admin.advance(1_800)
    assert slow.get(path).json()["status"] == "running"
    slow.admin.advance(1_801)
    ended = slow.get(path).json()
    assert ended["status"] == "succeeded"
    assert ended["isRecordCountLimitExceeded"] is False
    assert ended["id"] in {row["id"] for row in slow.read(PATH)[0]}
    records, _page = slow.read(f"{path}/records")
    assert {row["auditLogRecordType"] for row in records} == {"ExchangeAdmin"}
    assert len({row["id"] for row in records}) == ended["approximateReturnedRecordCount"]


def test_records_come_in_no_order_and_some_twice(slow: Sandbox) -> None:
    key = _ended(slow)["id"]
    records, _page = slow.read(f"{PATH}/{key}/records?$top=100")
    unique = {row["id"]: row for row in records}
    assert len(records) > len(unique) > 1_000
    moments = [row["createdDateTime"] for row in records]
    assert moments != sorted(moments)
    assert moments != sorted(moments, reverse=True)
    assert {"SharePointFileOperation", "MicrosoftTeams"} <= {
        row["auditLogRecordType"] for row in records
    }
    slow.admin.faults({"kind": "empty_page", "path": "records", "count": 2})
    again, _page = slow.read(f"{PATH}/{key}/records?$top=1000")
    assert {row["id"] for row in again} == unique.keys()


def test_records_arrive_up_to_a_day_late(slow: Sandbox) -> None:
    first = _ended(slow, days=1)
    bounds = {name: first[name] for name in ("filterStartDateTime", "filterEndDateTime")}
    slow.admin.advance(90_000)
    second = _ended(slow, **bounds)
    before, after = (
        {row["id"] for row in slow.read(f"{PATH}/{one['id']}/records?$select=id")[0]}
        for one in (first, second)
    )
    assert before < after


def test_filters_narrow_a_search(slow: Sandbox) -> None:
    key = _ended(slow, operationFilters=["fileaccessed", "New-InboxRule"])["id"]
    records, _page = slow.read(f"{PATH}/{key}/records?$top=1000")
    assert {row["operation"] for row in records} == {"FileAccessed", "New-InboxRule"}
    someone = records[0]["userPrincipalName"]
    key = _ended(slow, userPrincipalNameFilters=[someone])["id"]
    mine, _page = slow.read(f"{PATH}/{key}/records")
    assert {row["userPrincipalName"] for row in mine} == {someone}
    prefix = mine[0]["objectId"][:60]
    key = _ended(slow, objectIdFilters=[prefix], keywordFilter="documents")["id"]
    for row in slow.read(f"{PATH}/{key}/records")[0]:
        assert row["objectId"].startswith(prefix)


def test_a_search_may_find_too_much(slow: Sandbox) -> None:
    ended = _ended(slow, recordCountLimit=200)
    assert ended["isRecordCountLimitExceeded"] is True
    records, _page = slow.read(f"{PATH}/{ended['id']}/records")
    assert len({row["id"] for row in records}) == 200


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("query_fails", "failed"),
        ("query_is_cancelled", "cancelled"),
        ("query_never_ends", "running"),
    ],
)
def test_searches_that_do_not_succeed(slow: Sandbox, fault: str, status: str) -> None:
    slow.admin.faults({"kind": fault, "path": "auditLog/queries", "count": 1})
    ended = _ended(slow)
    assert ended["status"] == status
    assert slow.error(f"{PATH}/{ended['id']}/records")[0] == 400
    assert _ended(slow)["status"] == "succeeded"


@pytest.mark.parametrize(
    "asked",
    [
        {"filterStartDateTime": None},
        {"filterStartDateTime": "yesterday"},
        {"filterEndDateTime": "2020-01-01T00:00:00Z"},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_searched_is_refused(sandbox: Sandbox, asked: dict[str, Any]) -> None:
    assert _post(sandbox, **asked).status_code == 400


def test_nothing_deletes_a_search(slow: Sandbox) -> None:
    key = _post(slow).json()["id"]
    assert slow.http.delete(f"{PATH}/{key}").status_code == 404
    assert slow.get(f"{PATH}/{key}").status_code == 200
    assert slow.error(f"{PATH}/00000000-0000-4000-a000-000000000000")[0] == 404
    assert slow.http.patch(f"{PATH}/{key}").status_code == 405


def test_details_are_told_when_they_are_wanted(slow: Sandbox) -> None:
    key = _ended(slow, operationFilters=["New-InboxRule"])["id"]
    plain = slow.get(f"{PATH}/{key}/records").json()["value"][0]
    slow.admin.tenant(auditDetails=True)
    told = slow.get(f"{PATH}/{key}/records").json()["value"][0]
    assert set(plain["auditData"]) == {"@odata.type"}
    assert told["auditData"]["Operation"] == "New-InboxRule"
    assert told["auditData"]["Parameters"][0]["Name"] == "ForwardTo"


def test_a_record_is_told_of_by_hand(slow: Sandbox) -> None:
    told = slow.admin.event("audit_records", {"operation": "Set-Mailbox"}, age=600)
    key = _ended(slow, operationFilters=["Set-Mailbox"])["id"]
    assert told["id"] in {row["id"] for row in slow.read(f"{PATH}/{key}/records")[0]}


def test_without_auditing_a_search_finds_nothing(slow: Sandbox) -> None:
    key = _ended(slow)["id"]
    slow.admin.tenant(notBought=["audit"])
    try:
        assert slow.get(f"{PATH}/{key}/records").json()["value"] == []
    finally:
        slow.admin.tenant(notBought=[])
    app = slow.admin.app(permissions=["AuditLog.Read.All"])
    other = {**slow.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = slow.get(f"{PATH}/{key}", Authorization=f"Bearer {slow.token(other)}")
    assert denied.status_code == 403
