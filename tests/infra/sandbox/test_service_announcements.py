"""Service issues and the message center: what changed since, page by page of `$skip`, with a life."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

ISSUES, MESSAGES = "/admin/serviceAnnouncement/issues", "/admin/serviceAnnouncement/messages"


def _all(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for path in (ISSUES, MESSAGES) for row in sandbox.read(path)[0]}


def _told_since(sandbox: Sandbox, path: str, since: datetime) -> dict[str, dict[str, Any]]:
    rows, _page = sandbox.read(f"{path}?$filter=lastModifiedDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}")
    return {row["id"]: row for row in rows}


def test_issues_of_half_a_year_are_told_and_the_open_ones_have_no_end(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(ISSUES)
    assert len(rows) == len({row["id"] for row in rows}) > 60
    assert {row["classification"] for row in rows} == {"incident", "advisory"}
    for row in rows:
        assert row["isResolved"] == (row["endDateTime"] is not None)
        assert row["startDateTime"] <= (row["endDateTime"] or row["lastModifiedDateTime"])
    services = {
        row["service"] for row in sandbox.read("/admin/serviceAnnouncement/healthOverviews")[0]
    }
    assert {row["service"] for row in rows} <= services


@pytest.mark.parametrize("path", [ISSUES, MESSAGES])
def test_links_go_on_by_a_number_that_all_may_see(sandbox: Sandbox, path: str) -> None:
    whole, _page = sandbox.read(path)
    first = sandbox.get(f"{path}?$top=20").json()
    assert "$skip=20" in first["@odata.nextLink"]
    assert sandbox.read(f"{path}?$top=20")[0] == whole
    assert sandbox.error(f"{path}?$skip=one")[0] == 400


def test_the_size_of_a_page_of_messages_is_a_preference(sandbox: Sandbox) -> None:
    assert len(sandbox.get(MESSAGES).json()["value"]) == 100
    wished = sandbox.get(MESSAGES, Prefer="odata.maxpagesize=1000").json()
    assert len(wished["value"]) == 240
    assert "@odata.nextLink" not in wished


def test_what_happens_to_them_is_told_as_changed(sandbox: Sandbox) -> None:
    before = _all(sandbox)
    sandbox.admin.advance(3_600)
    since = datetime.fromisoformat(sandbox.admin.stats()["now"]) - timedelta(minutes=1)
    wanted = {"issue breaks out", "issue goes on", "service message"}

    def each_happened(kinds: set[str]) -> bool:
        now = _all(sandbox)
        both = now.keys() & before.keys()
        renamed = any(now[key]["title"] != before[key]["title"] for key in both)
        return wanted <= kinds and now.keys() != both and renamed

    live_until(sandbox.admin, each_happened)
    now = _all(sandbox)
    told = {**_told_since(sandbox, ISSUES, since), **_told_since(sandbox, MESSAGES, since)}
    changed = {key for key, row in now.items() if before.get(key) != row}
    assert changed == set(told)
    assert changed - before.keys(), "something new broke out"
    assert {key for key in changed & before.keys() if now[key]["title"] != before[key]["title"]}
