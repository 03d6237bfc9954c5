"""Service issues and the message center: what changed since, page by page of `$skip`, with a life."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

ISSUES, MESSAGES = "/admin/serviceAnnouncement/issues", "/admin/serviceAnnouncement/messages"


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
    before = {row["id"]: row for path in (ISSUES, MESSAGES) for row in sandbox.read(path)[0]}
    sandbox.admin.advance(3_600)
    since = datetime.fromisoformat(sandbox.admin.stats()["now"]) - timedelta(minutes=1)
    happened = {event["kind"] for event in sandbox.admin.life(250, seed=5)}
    assert {"issue breaks out", "issue goes on", "service message"} <= happened
    now = {row["id"]: row for path in (ISSUES, MESSAGES) for row in sandbox.read(path)[0]}
    told = {**_told_since(sandbox, ISSUES, since), **_told_since(sandbox, MESSAGES, since)}
    changed = {key for key, row in now.items() if before.get(key) != row}
    assert changed == set(told)
    assert changed - before.keys(), "something new broke out"
    assert {key for key in changed & before.keys() if now[key]["title"] != before[key]["title"]}
