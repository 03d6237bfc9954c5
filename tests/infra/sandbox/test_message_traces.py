"""Message traces: windows with two bounds, rows by recipient, and statuses that move."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH = "/admin/exchange/tracing/messageTraces"
NEWER = "include-unknown-enum-members"


def _now(sandbox: Sandbox) -> datetime:
    return datetime.fromisoformat(sandbox.admin.stats()["now"])


def _window(low: datetime, high: datetime, more: str = "") -> str:
    bounds = f"receivedDateTime ge {low:%Y-%m-%dT%H:%M:%SZ} and receivedDateTime le {high:%Y-%m-%dT%H:%M:%SZ}"
    return f"{PATH}?$filter={bounds}{more}"


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["id"], row["recipientAddress"]


def test_a_window_holds_what_a_tenant_gets(sandbox: Sandbox) -> None:
    now = _now(sandbox)
    rows, _page = sandbox.read(_window(now - timedelta(days=10), now, "&$top=5000"), Prefer=NEWER)
    assert len(rows) == len({_key(row) for row in rows}) > 5_000
    statuses = Counter(row["status"] for row in rows)
    assert statuses["delivered"] > 0.8 * len(rows)
    assert 0.03 < statuses["filteredAsSpam"] / len(rows) < 0.09
    assert {"quarantined", "failed", "expanded", "recalled"} <= statuses.keys()
    recipients = Counter(row["id"] for row in rows)
    assert {1, 3, 40} <= set(recipients.values())
    assert sum(row["toIP"] == "" for row in rows) > 0.6 * len(rows)
    subjects = {row["subject"] for row in rows}
    assert None in subjects
    assert any(subject and subject.startswith("=") for subject in subjects)
    assert "<>" in {row["senderAddress"] for row in rows}


def test_without_both_bounds_two_days_are_told(sandbox: Sandbox) -> None:
    now = _now(sandbox)
    plain, _page = sandbox.read(PATH)
    oldest = min(datetime.fromisoformat(row["receivedDateTime"]) for row in plain)
    assert timedelta(hours=47) < now - oldest < timedelta(hours=48, minutes=1)
    lower = f"{PATH}?$filter=receivedDateTime ge {now - timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"
    assert len(sandbox.read(lower)[0]) == pytest.approx(len(plain), abs=20)
    assert sandbox.error(_window(now - timedelta(days=11), now))[0] == 400
    assert sandbox.error(_window(now - timedelta(days=92), now - timedelta(days=91)))[0] == 400


def test_what_the_endpoint_does_not_have_is_refused(sandbox: Sandbox) -> None:
    for option in ("$select=id", "$orderby=receivedDateTime", "$count=true", "$top=5001"):
        assert sandbox.error(f"{PATH}?{option}")[0] == 400
    either = "$filter=senderAddress eq 'a' or senderAddress eq 'b'"
    assert sandbox.error(f"{PATH}?{either}")[0] == 400
    assert sandbox.error(f"{PATH}?$filter=status eq 'failed'")[0] == 400
    row = sandbox.get(f"{PATH}?$top=1").json()["value"][0]
    found, _page = sandbox.read(f"{PATH}?$filter=senderAddress eq '{row['senderAddress']}'")
    assert {same["senderAddress"] for same in found} == {row["senderAddress"]}


def test_pages_may_be_short_and_lose_nothing(sandbox: Sandbox) -> None:
    now = _now(sandbox) - timedelta(days=3)
    path = _window(now - timedelta(days=4), now)
    whole = {_key(row) for row in sandbox.read(f"{path}&$top=5000")[0]}
    sizes, keys, link = [], [], f"{path}&$top=300"
    while link:
        page = sandbox.get(link).json()
        sizes.append(len(page["value"]))
        keys += [_key(row) for row in page["value"]]
        link = page.get("@odata.nextLink")
    assert len(keys) == len(set(keys))
    assert set(keys) == whole
    assert any(size < 300 for size in sizes[:-1])
    sandbox.admin.faults({"kind": "empty_page", "path": "messageTraces", "count": 2})
    assert {_key(row) for row in sandbox.read(path)[0]} == whole


def test_rows_arrive_late_and_their_status_moves(sandbox: Sandbox) -> None:
    def told(low: datetime, high: datetime) -> dict[tuple[str, str], str]:
        rows, _page = sandbox.read(_window(low, high), Prefer=NEWER)
        return {_key(row): row["status"] for row in rows}

    for _ in range(60):  # until some are under way: at night few are sent
        high = _now(sandbox)
        low = high - timedelta(hours=3)
        first = told(low, high)
        moving = {key for key, status in first.items() if status in ("gettingStatus", "pending")}
        sandbox.admin.advance(1_800)
        later = told(low, high)
        assert later.keys() >= first.keys()
        if moving and len(later) > len(first):
            break
    assert moving
    assert len(later) > len(first)
    sandbox.admin.advance(50 * 3_600)
    ended = told(low, high)
    assert ended.keys() == later.keys()
    assert not {"gettingStatus", "pending"} & set(ended.values())
    assert all(ended[key] != first[key] for key in moving)


def test_newer_statuses_are_held_back(sandbox: Sandbox) -> None:
    low, high = _now(sandbox) - timedelta(days=4), _now(sandbox) - timedelta(days=1)
    plain, _page = sandbox.read(_window(low, high))
    asked, _page = sandbox.read(_window(low, high), Prefer=NEWER)
    assert [_key(row) for row in plain] == [_key(row) for row in asked]
    pairs = {(one["status"], two["status"]) for one, two in zip(plain, asked, strict=True)}
    assert ("unknownFutureValue", "recalled") in pairs


def test_a_trace_is_told_of_by_hand(sandbox: Sandbox) -> None:
    low, high = _now(sandbox) - timedelta(hours=20), _now(sandbox) - timedelta(hours=10)
    old = sandbox.read(_window(low, high))[0][0]
    again = {"id": old["id"], "recipientAddress": old["recipientAddress"], "status": "failed"}
    sandbox.admin.event("message_traces", again)
    new = sandbox.admin.event("message_traces", {"subject": "by hand"}, age=11 * 3_600)
    told = {_key(row): row for row in sandbox.read(_window(low, high))[0]}
    assert told[_key(old)] == {**old, "status": "failed"}
    assert told[_key(new)]["subject"] == "by hand"


def test_a_hundred_requests_in_five_minutes_and_no_more(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(0.05)
    answers = [sandbox.get(f"{PATH}?$top=1") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 200


def test_a_tenant_without_the_service_principal_is_refused(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(notBought=["exchange"])
    try:
        assert sandbox.error(PATH) == (403, "Forbidden")
    finally:
        sandbox.admin.tenant(notBought=[])
