"""Change tracking: rounds, removals, relations, minimal answers, ageing tokens."""

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

TRACKED = "/users/delta?$select=displayName,mobilePhone,department"


def _latest(sandbox: Sandbox, path: str) -> str:
    return str(sandbox.read(path)[1]["@odata.deltaLink"])


def test_first_round_is_complete_and_leaves_out_what_was_never_set(sandbox: Sandbox) -> None:
    size = {"Prefer": "odata.maxpagesize=70"}
    assert 55 < len(sandbox.get(TRACKED, **size).json()["value"]) <= 70  # deleted users leave gaps
    rows, page = sandbox.read(TRACKED, **size)
    assert {row["id"] for row in rows} == sandbox.alive()
    assert any("mobilePhone" not in row for row in rows)
    assert any("mobilePhone" in row and row["mobilePhone"] is None for row in rows)
    assert "@odata.nextLink" not in page


def test_later_rounds_tell_changes_removals_and_returns(sandbox: Sandbox) -> None:
    link = _latest(sandbox, TRACKED)
    assert sandbox.read(link)[0] == []
    moved, leaver, purged = (row["id"] for row in sandbox.read("/users?$top=999")[0][20:23])
    sandbox.admin.patch("users", moved, {"department": "新事業部", "mobilePhone": None})
    sandbox.admin.delete("users", leaver)
    sandbox.admin.delete("users", purged, final=True)
    rows, page = sandbox.read(link)
    by_id = {row["id"]: row for row in rows}
    assert by_id[moved]["department"] == "新事業部"
    assert by_id[moved]["mobilePhone"] is None
    assert by_id[leaver] == {"id": leaver, "@removed": {"reason": "changed"}}
    assert by_id[purged] == {"id": purged, "@removed": {"reason": "deleted"}}
    assert sandbox.error(f"/users/{leaver}")[0] == 404
    sandbox.admin.restore("users", leaver)
    rows, _page = sandbox.read(page["@odata.deltaLink"])
    assert [row["id"] for row in rows] == [leaver]
    assert "@removed" not in rows[0]


def test_minimal_answers_carry_changed_properties_only(sandbox: Sandbox) -> None:
    link = _latest(sandbox, TRACKED)
    user = sandbox.read("/users?$top=999")[0][30]["id"]
    sandbox.admin.patch("users", user, {"department": "監査室"})
    (row,), _page = sandbox.read(link, Prefer="return=minimal")
    assert row == {"id": user, "department": "監査室"}


def test_members_are_tracked_as_edges(sandbox: Sandbox) -> None:
    path = "/groups/delta?$select=displayName,members"
    rows, page = sandbox.read(path)
    link = page["@odata.deltaLink"]
    told = {(row["id"], edge["id"]) for row in rows for edge in row.get("members@delta", ())}
    journal = sandbox.admin.journal("members")["objects"].values()
    assert told == {(edge["groupId"], edge["memberId"]) for edge in journal}
    group, member = min(told)
    sandbox.admin.member(group, member, present=False)
    (row,), page = sandbox.read(link)
    assert row["id"] == group
    assert row["members@delta"] == [
        {"@odata.type": "#microsoft.graph.user", "id": member, "@removed": {"reason": "deleted"}}
    ]
    sandbox.admin.member(group, member, present=True)
    (row,), _page = sandbox.read(page["@odata.deltaLink"])
    assert row["members@delta"] == [{"@odata.type": "#microsoft.graph.user", "id": member}]


def test_latest_starts_from_now_and_filters_take_ids(sandbox: Sandbox) -> None:
    page = sandbox.get("/users/delta?$deltatoken=latest").json()
    assert page["value"] == []
    assert sandbox.read(page["@odata.deltaLink"])[0] == []
    ids = [row["id"] for row in sandbox.read("/users?$top=999")[0][:3]]
    expression = " or ".join(f"id eq '{key}'" for key in ids)
    rows, _page = sandbox.read(f"/users/delta?$filter={expression}")
    assert {row["id"] for row in rows} == set(ids)


def test_a_round_is_stable_while_the_tenant_changes(sandbox: Sandbox) -> None:
    link = _latest(sandbox, TRACKED)
    users = [row["id"] for row in sandbox.read("/users?$top=999")[0][40:60]]
    for number, key in enumerate(users):
        sandbox.admin.patch("users", key, {"department": f"部 {number}"})
    seen: set[str] = set()
    following: str | None = link
    while following:
        page = sandbox.get(following, Prefer="odata.maxpagesize=5").json()
        seen |= {row["id"] for row in page["value"]}
        sandbox.admin.patch("users", users[0], {"department": f"部 {len(seen)}"})
        following = page.get("@odata.nextLink")
    assert set(users) <= seen
    rows, _page = sandbox.read(page["@odata.deltaLink"])
    assert [row["id"] for row in rows] == [users[0]]


@pytest.mark.parametrize("dataset", ["users", "groups"])
def test_tokens_age_after_seven_days_and_name_a_fresh_start(sandbox: Sandbox, dataset: str) -> None:
    link = _latest(sandbox, f"/{dataset}/delta?$select=displayName")
    sandbox.admin.advance(6.5 * 86_400)
    assert sandbox.get(link).status_code == 200
    sandbox.admin.advance(86_400)
    answer = sandbox.get(link)
    assert answer.status_code == 410
    fresh = answer.headers["location"]
    assert fresh.endswith(f"/{dataset}/delta?$deltatoken=")
    assert len(sandbox.read(fresh)[0]) > 0
