"""Drives of people, their change tracking, and who may open what."""

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = [pytest.mark.stack, pytest.mark.slow]

SHARING = "deltashowsharingchanges"
ASKED = f"deltashowremovedasdeleted, deltatraversepermissiongaps, {SHARING}, hierarchicalsharing"


@pytest.fixture
def drives(sandbox: Sandbox) -> list[str]:
    """Ids of drives of the first users."""
    users = [row["id"] for row in sandbox.get("/users?$select=id&$top=60").json()["value"]]
    answers = [sandbox.get(f"/users/{user}/drive?$select=id") for user in users]
    return [answer.json()["id"] for answer in answers if answer.status_code == 200]


def _items(sandbox: Sandbox, drive: str) -> dict[str, dict[str, Any]]:
    rows, _page = sandbox.read(f"/drives/{drive}/root/delta")
    return {row["id"]: row for row in rows}


def _link(sandbox: Sandbox, drive: str, **headers: str) -> str:
    return str(sandbox.read(f"/drives/{drive}/root/delta", **headers)[1]["@odata.deltaLink"])


def _permissions(sandbox: Sandbox, drives: list[str]) -> Iterator[dict[str, Any]]:
    for drive in drives:
        for item in _items(sandbox, drive):
            rows, _page = sandbox.read(f"/drives/{drive}/items/{item}/permissions")
            assert len(rows) == len({row["id"] for row in rows})
            yield from rows


def test_who_never_opened_onedrive_has_none(sandbox: Sandbox) -> None:
    users = sandbox.get("/users?$select=id,userType&$top=200").json()["value"]
    answers = {row["id"]: sandbox.get(f"/users/{row['id']}/drive") for row in users}
    missing = [key for key, answer in answers.items() if answer.status_code == 404]
    assert 0.05 < len(missing) / len(users) < 0.5
    assert {answers[key].json()["error"]["code"] for key in missing} == {"ResourceNotFound"}
    guests = {row["id"] for row in users if row["userType"] == "Guest"}
    assert guests <= set(missing)
    drive = next(answer for answer in answers.values() if answer.status_code == 200).json()
    assert drive["quota"]["used"] + drive["quota"]["remaining"] == drive["quota"]["total"]
    assert sandbox.get(f"/drives/{drive['id']}").json()["webUrl"] == drive["webUrl"]


def test_a_round_tells_of_every_item_and_of_some_twice(sandbox: Sandbox, drives: list[str]) -> None:
    twice = 0  # drives that no other test here changes
    for drive in drives[14:22]:
        rows, page = sandbox.read(f"/drives/{drive}/root/delta?$top=5")
        assert sandbox.read(page["@odata.deltaLink"])[0] == []
        last = {row["id"]: row for row in rows}
        twice += len(rows) - len(last)
        assert sum("root" in row for row in rows) == 1
        for key, row in last.items():
            assert sandbox.get(f"/drives/{drive}/items/{key}").json()["name"] == row["name"]
            home = row["parentReference"].get("id")
            assert home in last or "root" in row
    assert twice > 0


def test_a_removal_has_a_facet_and_no_name(sandbox: Sandbox, drives: list[str]) -> None:
    drive = drives[3]
    link = _link(sandbox, drive)
    other = _link(sandbox, drives[4])
    file, moved = [key for key, row in _items(sandbox, drive).items() if "file" in row][:2]
    sandbox.admin.delete("drive_items", file)
    sandbox.admin.patch("drive_items", moved, {"name": "moved.docx"})
    told = {row["id"]: row for row in sandbox.read(link)[0]}
    assert told.keys() == {file, moved}
    assert told[file]["deleted"] == {"state": "deleted"}
    assert "name" not in told[file]
    assert told[moved]["name"] == "moved.docx"
    assert sandbox.read(other)[0] == []
    assert sandbox.error(f"/drives/{drive}/items/{file}") == (404, "itemNotFound")


def test_deletions_shift_no_page(sandbox: Sandbox, drives: list[str]) -> None:
    drive = drives[5]
    expected = set(_items(sandbox, drive))
    page = sandbox.get(f"/drives/{drive}/root/delta?$top=4").json()
    gone = [row["id"] for row in page["value"] if "file" in row or "folder" in row][-1]
    sandbox.admin.delete("drive_items", gone)
    rest, _page = sandbox.read(page["@odata.nextLink"])
    assert {row["id"] for row in (*page["value"], *rest)} == expected


def test_a_round_starts_over_with_a_location(sandbox: Sandbox, drives: list[str]) -> None:
    path = f"/drives/{drives[0]}/root/delta?$select=id,name"
    link = sandbox.read(path)[1]["@odata.deltaLink"]
    sandbox.admin.faults({"kind": "delta_reset", "path": drives[0], "count": 1})
    assert sandbox.get(path).status_code == 200  # a fresh round has nothing to reset
    answer = sandbox.get(link)
    assert answer.status_code == 410
    assert answer.json()["error"]["code"].startswith("resyncChanges")
    assert len(sandbox.read(answer.headers["location"])[0]) > 5
    assert sandbox.get(link, Prefer=ASKED).status_code == 410  # another question
    assert sandbox.read(link)[0] == []
    assert sandbox.error(f"/drives/{drives[1]}/root/delta?{link.partition('?')[2]}")[0] == 400


def test_preferences_go_together(sandbox: Sandbox, drives: list[str]) -> None:
    path = f"/drives/{drives[0]}/root/delta"
    assert sandbox.error(path, Prefer="deltashowremovedasdeleted")[0] == 400
    assert sandbox.error(f"{path}?$filter=name eq 'a'")[0] == 400
    assert sandbox.get(path, Prefer=ASKED).status_code == 200
    assert sandbox.get(path, Prefer="hierarchicalsharing").status_code == 200
    latest = sandbox.get(f"{path}?token=latest").json()
    assert latest["value"] == []
    assert sandbox.read(latest["@odata.deltaLink"])[0] == []


def test_shares_of_every_kind(sandbox: Sandbox, drives: list[str]) -> None:
    found = list(_permissions(sandbox, drives[:14]))
    scopes = Counter(row["link"]["scope"] for row in found if "link" in row)
    assert scopes.keys() == {"anonymous", "organization", "users", "existingAccess"}
    owners = [row for row in found if row["roles"] == ["owner"]]
    assert all("user" in row["grantedToV2"] for row in owners)
    assert any("inheritedFrom" in row for row in found)
    assert any("invitation" in row for row in found)
    assert {row["link"]["webUrl"] is None for row in found if "link" in row} == {True, False}
    people = [one for row in found for one in row.get("grantedToIdentitiesV2", ())]
    assert any("#ext#" in one["siteUser"]["loginName"] for one in people if "siteUser" in one)
    login = base64.urlsafe_b64decode(f"{owners[0]['id']}==").decode()
    assert login == owners[0]["grantedToV2"]["siteUser"]["loginName"]


def test_shares_change_and_only_files_say_so(sandbox: Sandbox, drives: list[str]) -> None:
    drive = drives[7]
    link, plain = _link(sandbox, drive, Prefer=ASKED), _link(sandbox, drive)
    items = _items(sandbox, drive)
    file = next(key for key, row in items.items() if "file" in row)
    folder = next(key for key, row in items.items() if "folder" in row and "root" not in row)
    facts = {"roles": ["write"], "invitation": {"email": "new@partner.example"}}
    told = [
        sandbox.admin.event("drive_item_permissions", {"itemId": key, **facts})
        for key in (file, folder)
    ]
    rows = {row["id"]: row for row in sandbox.read(link, Prefer=ASKED)[0]}
    assert rows.keys() == {file, folder}
    assert rows[file]["@microsoft.graph.sharedChanged"] == "True"
    assert "@microsoft.graph.sharedChanged" not in rows[folder]
    assert "shared" in rows[folder]
    assert "@microsoft.graph.sharedChanged" not in sandbox.read(plain)[0][0]
    held = sandbox.read(f"/drives/{drive}/items/{file}/permissions")[0]
    assert told[0]["id"] in {row["id"] for row in held}
    taken = {"itemId": file, "id": told[0]["id"], "removed": True}
    sandbox.admin.event("drive_item_permissions", taken)
    held = sandbox.read(f"/drives/{drive}/items/{file}/permissions")[0]
    assert told[0]["id"] not in {row["id"] for row in held}


def test_a_drive_goes_with_its_user(sandbox: Sandbox) -> None:
    for row in sandbox.get("/users?$select=id&$top=120").json()["value"][80:]:
        answer = sandbox.get(f"/users/{row['id']}/drive")
        if answer.status_code == 200:
            break
    drive = answer.json()["id"]
    sandbox.admin.delete("users", row["id"])
    assert sandbox.error(f"/users/{row['id']}/drive")[0] == 404
    assert sandbox.error(f"/drives/{drive}/root/delta") == (404, "itemNotFound")
    sandbox.admin.restore("users", row["id"])
    assert sandbox.get(f"/drives/{drive}/root/delta").status_code == 200


def test_units_are_spent_by_what_is_asked(sandbox: Sandbox, drives: list[str]) -> None:
    link = _link(sandbox, drives[0])
    root = f"/drives/{drives[0]}/root"
    for path, units in ((f"{root}/delta", 2), (link, 1), (f"{root}/permissions", 5)):
        sandbox.admin.throttle(20 / 1_250)  # twenty units a minute
        served = 0
        while sandbox.get(path).status_code == 200:
            served += 1
        assert served == 20 // units


def test_sharepoint_refuses_in_its_own_words(sandbox: Sandbox, drives: list[str]) -> None:
    path = f"/drives/{drives[0]}/root/delta"
    sandbox.admin.tenant(notBought=["sharepoint"])
    try:
        answer = sandbox.get(path)
    finally:
        sandbox.admin.tenant(notBought=[])
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Tenant does not have a SPO license."
    app = sandbox.admin.app(permissions=["User.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get(path, Authorization=f"Bearer {sandbox.token(other)}")
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "accessDenied")
    assert sandbox.error("/drives/b!nothing/root/delta")[0] == 404
