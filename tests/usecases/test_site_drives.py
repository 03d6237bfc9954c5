"""Sites, their libraries and what is shared there: read below one another, refused as SharePoint refuses."""

from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

ITEMS, SHARES = "site_drive_items", "site_drive_item_permissions"
CURRENT = "valid_to IS NULL"


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """As fast as can be; licences are given back."""
    sandbox_admin.throttle(0)
    sandbox_admin.clear_faults()
    yield
    sandbox_admin.clear_faults()
    sandbox_admin.tenant(notBought=[])
    sandbox_admin.throttle(1)


def test_what_sites_share_is_read_and_goes_with_them(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    for dataset in ("sites", "site_drives", ITEMS, SHARES):
        collected(bench, dataset)
    known = {own for (own,) in stored(bench, "sites", "id", CURRENT)}
    assert known == set(sandbox_admin.journal("sites")["objects"])
    shared_sites = {own for (own,) in stored(bench, "sites", "id", f"{CURRENT} AND NOT is_personal_site")}  # fmt: skip
    above = stored(bench, "site_drives", "site_id, id", CURRENT)
    assert {site for site, _drive in above} == shared_sites
    shared = {own for (own,) in stored(bench, ITEMS, "id", f"{CURRENT} AND shared_scope IS NOT NULL")}  # fmt: skip
    assert {parent for (parent,) in stored(bench, SHARES, "DISTINCT parent_id", CURRENT)} == shared
    gone = min(own.rsplit("/", 2)[0] for own in shared)
    sandbox_admin.delete("sites", gone)
    collected(bench, "sites")
    for dataset in ("site_drives", ITEMS, SHARES):
        assert stored(bench, dataset, "id", f"{CURRENT} AND id LIKE '{gone}/%'") == []


def test_without_sharepoint_nothing_is_closed(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    for dataset in ("sites", "sharepoint_settings"):
        collected(bench, dataset)
    before = {dataset: stored(bench, dataset, "id", CURRENT) for dataset in ("sites", "sharepoint_settings")}  # fmt: skip
    sandbox_admin.tenant(notBought=["sharepoint"])
    for dataset, held in before.items():
        collected(bench, dataset, "not_licensed", "graph_not_licensed")
        assert stored(bench, dataset, "id", CURRENT) == held != []


def test_settings_are_the_same_whether_they_lie_in_value_or_not(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "sharepoint_settings")
    sandbox_admin.faults({"kind": "wrapped_settings", "path": "sharepoint/settings"})
    row = collected(bench, "sharepoint_settings")
    assert (row.counts.inserted, row.counts.updated, row.counts.closed) == (0, 0, 0)
