"""Of a drive only what is shared or cannot be synced is kept: what is so no more is gone.

What never was so never was there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

ITEMS, SHARES = "drive_items", "drive_item_permissions"
CURRENT = "valid_to IS NULL"
# Kept for being shared, and for nothing else.
PLAIN = f"{CURRENT} AND name NOT LIKE '~$%' AND coalesce(length(web_url), 0) <= 400"


@pytest.fixture(autouse=True)
def drives(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Users, their drives and what is shared there have been read."""
    sandbox_admin.throttle(0)
    sandbox_admin.clear_faults()
    for dataset in ("users", "user_drives", ITEMS):
        collected(bench, dataset)
    yield
    sandbox_admin.throttle(1)


def strikes(item: Mapping[str, Any]) -> bool:
    """Whether an item is kept although it is not shared."""
    return str(item["name"]).startswith("~$") or len(item["webUrl"] or "") > 400


def unshared(bench: Bench, admin: SandboxAdmin) -> str:
    """An item of a drive that was read which is not shared, and no folder or root."""
    drives = {drive for (drive,) in stored(bench, "user_drives", "drive_id", CURRENT)}
    every = admin.journal(ITEMS)["objects"]
    return next(
        str(own)
        for own, item in sorted(every.items())
        if "shared" not in item
        and "file" in item
        and not strikes(item)
        and item["parentReference"]["driveId"] in drives
    )


def test_only_what_is_shared_or_cannot_be_synced_is_kept(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    drives = {drive for (drive,) in stored(bench, "user_drives", "drive_id", CURRENT)}
    every = sandbox_admin.journal(ITEMS)["objects"].items()
    own = {key: item for key, item in every if item["parentReference"]["driveId"] in drives}
    shared = {key for key, item in own.items() if item.get("shared")}
    kept = {key for (key,) in stored(bench, ITEMS, "item_id")}
    striking = {key for key, item in own.items() if strikes(item)}
    assert kept == shared | striking
    assert striking - shared
    assert 0 < len(kept) < len(own)


def test_what_is_not_kept_is_neither_counted_nor_closed(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    item = unshared(bench, sandbox_admin)
    sandbox_admin.patch(ITEMS, item, {"size": 4711})
    row = collected(bench, ITEMS)
    assert (row.counts.inserted, row.counts.updated, row.counts.closed) == (0, 0, 0)
    assert stored(bench, ITEMS, "id", f"item_id = '{item}'") == []


def test_what_is_shared_from_now_on_begins_and_ends(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    item = unshared(bench, sandbox_admin)
    sandbox_admin.patch(ITEMS, item, {"shared": {"scope": "users"}})
    assert collected(bench, ITEMS).counts.inserted == 1
    sandbox_admin.patch(ITEMS, item, {"shared": None})
    row = collected(bench, ITEMS)
    assert (row.counts.updated, row.counts.closed) == (0, 1)
    history = stored(bench, ITEMS, "valid_to IS NULL", f"item_id = '{item}'")
    assert history == [(False,)], "what it was is kept"


def test_what_is_shared_no_more_takes_its_permissions(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, SHARES)
    parent, item = stored(bench, ITEMS, "id, item_id", PLAIN)[0]
    assert stored(bench, SHARES, "id", f"parent_id = '{parent}' AND {CURRENT}")
    sandbox_admin.patch(ITEMS, item, {"shared": None})
    collected(bench, ITEMS)
    assert stored(bench, SHARES, "id", f"parent_id = '{parent}' AND {CURRENT}") == []


def test_a_round_from_the_start_closes_what_is_shared_no_more(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    drive, item = stored(bench, ITEMS, "drive_id, item_id", PLAIN)[0]
    sandbox_admin.patch(ITEMS, item, {"shared": None})
    sandbox_admin.faults({"kind": "delta_reset", "path": f"{drive}/root/delta.*token", "count": 1})
    row = collected(bench, ITEMS)
    sandbox_admin.clear_faults()
    assert row.counts.closed == 1
    assert stored(bench, ITEMS, "id", f"item_id = '{item}' AND {CURRENT}") == []
