"""Sites, their libraries and what is shared there; settings of SharePoint."""

from typing import Any

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

SITES = "/sites/getAllSites"
SETTINGS = "/admin/sharepoint/settings"


def _shared_sites(sandbox: Sandbox) -> list[dict[str, Any]]:
    rows, _page = sandbox.read(f"{SITES}?$top=999")
    return [row for row in rows if not row["isPersonalSite"]]


def test_sites_go_on_under_their_full_name(sandbox: Sandbox) -> None:
    page = sandbox.get(f"{SITES}?$select=id,name&$top=20").json()
    assert "/sites/oneDrive.getAllSites?" in page["@odata.nextLink"]
    rows, _page = sandbox.read(f"{SITES}?$select=id,webUrl,isPersonalSite,siteCollection&$top=20")
    assert len({row["id"] for row in rows}) == len(rows) > 40
    for row in rows:
        host, site, web = row["id"].split(",")
        assert row["siteCollection"]["hostname"] == host
        assert row["webUrl"].startswith(f"https://{host}/")
        assert row["isPersonalSite"] == host.endswith("-my.sharepoint.com")
        assert len(site) == len(web) == 36
    one = sandbox.get(f"/sites/{rows[0]['id']}").json()
    assert one["webUrl"] == rows[0]["webUrl"]


def test_a_personal_site_is_that_of_the_drive(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(f"{SITES}?$top=999")
    personal = {row["id"].split(",")[1]: row for row in rows if row["isPersonalSite"]}
    users = sandbox.get("/users?$select=id&$top=30").json()["value"]
    answers = [sandbox.get(f"/users/{user['id']}/drive") for user in users]
    found = [answer.json() for answer in answers if answer.status_code == 200]
    assert found
    for drive in found:
        site = personal[drive["sharePointIds"]["siteId"]]
        assert drive["webUrl"].startswith(f"{site['webUrl']}/")


def test_libraries_of_sites_have_items_that_are_shared(sandbox: Sandbox) -> None:
    counts, scopes = set(), set()
    for site in _shared_sites(sandbox)[:10]:
        drives, _page = sandbox.read(f"/sites/{site['id']}/drives")
        counts.add(len(drives))
        for drive in drives:
            assert drive["driveType"] == "documentLibrary"
            assert drive["webUrl"].startswith(f"{site['webUrl']}/")
            assert sandbox.get(f"/drives/{drive['id']}").json()["name"] == drive["name"]
            items, page = sandbox.read(f"/drives/{drive['id']}/root/delta")
            assert sandbox.read(page["@odata.deltaLink"])[0] == []
            for item in (item for item in items if "shared" in item):
                path = f"/drives/{drive['id']}/items/{item['id']}/permissions"
                given = sandbox.get(path).json()["value"]
                [owner] = [row for row in given if row["roles"] == ["owner"]]
                assert "siteGroup" in owner["grantedToV2"]
                scopes |= {row["link"]["scope"] for row in given if "link" in row}
    assert counts == {1, 2}
    assert scopes >= {"anonymous", "organization", "users"}


def test_changes_below_a_site_are_told_and_end_with_it(sandbox: Sandbox) -> None:
    site = _shared_sites(sandbox)[-1]["id"]
    drive = sandbox.get(f"/sites/{site}/drives").json()["value"][0]["id"]
    items, page = sandbox.read(f"/drives/{drive}/root/delta")
    file = next(row["id"] for row in items if "file" in row)
    sandbox.admin.patch("site_drive_items", file, {"size": 4711})
    told = sandbox.admin.event(
        "site_drive_item_permissions",
        {"itemId": file, "invitation": {"email": "x@partner.example"}},
    )
    [row] = sandbox.read(page["@odata.deltaLink"])[0]
    assert (row["id"], row["size"]) == (file, 4711)
    given = sandbox.get(f"/drives/{drive}/items/{file}/permissions").json()["value"]
    assert told["id"] in {row["id"] for row in given}
    sandbox.admin.patch("sites", site, {"displayName": "Renamed"})
    assert sandbox.get(f"/sites/{site}").json()["displayName"] == "Renamed"
    sandbox.admin.delete("sites", site)
    assert sandbox.error(f"/sites/{site}/drives") == (404, "itemNotFound")
    assert sandbox.error(f"/drives/{drive}/root/delta") == (404, "itemNotFound")


def test_a_link_of_one_kind_of_drive_is_none_of_the_other(sandbox: Sandbox) -> None:
    site = _shared_sites(sandbox)[0]["id"]
    drive = sandbox.get(f"/sites/{site}/drives").json()["value"][0]["id"]
    user = sandbox.get("/users?$select=id&$top=1").json()["value"][0]["id"]
    own = sandbox.get(f"/users/{user}/drive?$select=id").json()["id"]
    token = sandbox.read(f"/drives/{drive}/root/delta")[1]["@odata.deltaLink"].partition("?")[2]
    assert sandbox.error(f"/drives/{own}/root/delta?{token}")[0] == 400


def test_settings_are_one_object_or_lie_within_value(sandbox: Sandbox) -> None:
    path = f"{SETTINGS}?$select=sharingCapability,excludedFileExtensionsForSyncApp"
    plain = sandbox.get(path).json()
    assert plain["sharingCapability"] == "externalUserAndGuestSharing"
    assert "value" not in plain
    sandbox.admin.faults({"kind": "wrapped_settings", "path": "sharepoint/settings", "count": 1})
    wrapped = sandbox.get(path).json()
    assert wrapped["value"] == {name: plain[name] for name in wrapped["value"]}
    sandbox.admin.clear_faults()
    before = sandbox.get(SETTINGS).json()
    live_until(sandbox.admin, lambda _kinds: sandbox.get(SETTINGS).json() != before)


@pytest.mark.parametrize("path", [SITES, SETTINGS])
def test_they_are_refused_as_sharepoint_refuses(sandbox: Sandbox, path: str) -> None:
    sandbox.admin.tenant(notBought=["sharepoint"])
    try:
        answer = sandbox.get(path)
    finally:
        sandbox.admin.tenant(notBought=[])
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Tenant does not have a SPO license."
    app = sandbox.admin.app(permissions=["Files.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get(path, Authorization=f"Bearer {sandbox.token(other)}")
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "accessDenied")
