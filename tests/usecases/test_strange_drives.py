"""Strange things below drives: shares of what is shared already, rows told twice, owners that come back."""

from collections.abc import Iterator
from copy import replace

import pytest
from sqlalchemy import text

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import Below, Versions
from shared.store.session.sessions import tenant_session
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

ITEMS, SHARES = "drive_items", "drive_item_permissions"


@pytest.fixture(autouse=True)
def drives(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Some users and all below them have been read."""
    sandbox_admin.throttle(0)
    spec = bench.collector("user_drives")
    few = replace(Below.of(spec), where="assigned_licenses <> '[]' AND id < '2'")
    bench.changed["user_drives"] = replace(spec, extent=few)
    bench.changed[ITEMS] = replace(bench.collector(ITEMS), keep=Versions())  # all, shared or not
    for dataset in ("users", "user_drives", ITEMS, SHARES):
        collected(bench, dataset)
    yield
    sandbox_admin.throttle(1)


def long_ago(bench: Bench) -> None:
    """Let all items have been as they are for a day."""
    change = f"UPDATE data.{ITEMS} SET valid_from = valid_from - interval '1 day'"
    with tenant_session(bench.engine, bench.tenant_id) as connection:
        connection.execute(text(change))


@pytest.mark.parametrize("kind", ["mime_type IS NOT NULL", "child_count IS NOT NULL"])
def test_what_is_shared_already_and_shared_again_is_looked_at_again(
    bench: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    shared = f"valid_to IS NULL AND shared_scope IS NOT NULL AND {kind}"
    [(own, item), *_] = stored(bench, ITEMS, "id, item_id", shared)
    for number in range(2):
        long_ago(bench)
        facts = {"itemId": item, "invitation": {"email": f"new{number}@partner.example"}}
        told = sandbox_admin.event(SHARES, facts)
        collected(bench, ITEMS)
        collected(bench, SHARES)
        held = stored(bench, SHARES, "id", f"parent_id = '{own}' AND valid_to IS NULL")
        assert f"{own}/{told['id']}" in {one for (one,) in held}, number


def test_rows_told_twice_and_changes_told_again_change_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    before = bench.current(ITEMS)
    item = next(own for (own,) in stored(bench, ITEMS, "item_id", "mime_type IS NOT NULL"))
    sandbox_admin.patch(ITEMS, item, {"size": 77})
    sandbox_admin.faults(
        {"kind": "replay", "path": "/root/delta"}, {"kind": "duplicate_rows", "path": "/root/delta"}
    )
    row = collected(bench, ITEMS)
    assert (row.counts.updated, row.counts.closed, row.rows) == (1, 0, len(before))


def test_an_owner_who_comes_back_brings_everything_back(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    [(user, drive), *_] = stored(bench, "user_drives", "user_id, drive_id", "valid_to IS NULL")
    of_drive = f"drive_id = '{drive}' AND valid_to IS NULL"
    before = {dataset: stored(bench, dataset, "id", of_drive) for dataset in (ITEMS, SHARES)}
    sandbox_admin.delete("users", user)
    for dataset in ("users", "user_drives", ITEMS, SHARES):
        collected(bench, dataset)
    assert stored(bench, ITEMS, "id", of_drive) == stored(bench, SHARES, "id", of_drive) == []
    sandbox_admin.restore("users", user)
    for dataset in ("users", "user_drives", ITEMS, SHARES):
        collected(bench, dataset)
    assert {
        dataset: stored(bench, dataset, "id", of_drive) for dataset in (ITEMS, SHARES)
    } == before
