"""Reading below what was read below: drives of users, changes of each drive, shares of what changed."""

from collections.abc import Iterator
from copy import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Versions
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import LedgerRow
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = [pytest.mark.stack, pytest.mark.slow]

# Each test reads all drives of the tenant anew.
SANDBOX_USERS = 50

ITEMS, SHARES = "drive_items", "drive_item_permissions"


@pytest.fixture(autouse=True)
def drives(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Users and their drives have been read; a page has ten items, and all of them are kept."""
    sandbox_admin.throttle(0)
    sandbox_admin.clear_faults()
    spec = bench.collector(ITEMS)
    bench.changed[ITEMS] = replace(spec, ask=spec.ask.sized(10), keep=Versions())
    collected(bench, "users")
    collected(bench, "user_drives")
    yield
    sandbox_admin.throttle(1)


def truth(admin: SandboxAdmin) -> set[str]:
    """Items that there are."""
    return set(admin.journal(ITEMS)["objects"])


def items(bench: Bench) -> dict[str, str]:
    """The name by item id."""
    return dict(stored(bench, ITEMS, "item_id, name", "valid_to IS NULL"))


def read(bench: Bench, dataset: str = ITEMS) -> LedgerRow:
    for _ in range(5):
        row = bench.collect(dataset)
        if row is not None:
            return row
    raise AssertionError("the run does not end")


def links(bench: Bench) -> int:
    with tenant_session(bench.engine, bench.tenant_id) as connection:
        return int(connection.execute(text("SELECT count(*) FROM kanri.parent_links")).scalar_one())


def test_a_user_who_never_opened_a_drive_has_none(bench: Bench) -> None:
    users = stored(bench, "users", "id", "valid_to IS NULL AND assigned_licenses <> '[]'")
    owners = stored(bench, "user_drives", "user_id, drive_id, id", "valid_to IS NULL")
    assert 0 < len(owners) < len(users)
    assert {owner for owner, _drive, _own in owners} < {own for (own,) in users}
    assert all(own == f"{owner}/{drive}" for owner, drive, own in owners)
    row = collected(bench, "user_drives")
    assert (row.counts.inserted, row.counts.closed) == (0, 0)


@pytest.mark.parametrize("slice_seconds", [60.0, 0.0])
def test_each_drive_goes_on_by_its_own_link(
    bench: Bench, sandbox_admin: SandboxAdmin, slice_seconds: float
) -> None:
    bench.slice_seconds = slice_seconds
    first = read(bench)
    assert (first.state, first.cause) == ("ok", None)
    known = items(bench)
    reachable = truth(sandbox_admin) & set(known)
    assert set(known) == reachable
    assert links(bench) == len(stored(bench, "user_drives", "id", "valid_to IS NULL"))
    changed, gone = sorted(known)[3], sorted(known)[5]
    name = f"renamed within {slice_seconds}.docx"
    sandbox_admin.patch(ITEMS, changed, {"name": name})
    sandbox_admin.delete(ITEMS, gone)
    row = read(bench)
    assert (row.state, row.counts.read, row.counts.updated) == ("ok", 1, 1)
    assert row.counts.closed >= 1
    after = items(bench)
    assert after[changed] == name
    assert gone not in after
    assert read(bench).counts.read == 0


def test_a_lost_link_reads_its_own_drive_anew_and_closes_what_is_gone(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    read(bench)
    drive, gone = stored(bench, ITEMS, "drive_id, item_id", "valid_to IS NULL AND size > 0")[7]
    sandbox_admin.delete(ITEMS, gone)
    sandbox_admin.faults({"kind": "delta_reset", "path": f"{drive}/root/delta.*token", "count": 1})
    row = read(bench)
    own = stored(bench, ITEMS, "id", f"drive_id = '{drive}' AND valid_to IS NULL")
    assert (row.state, row.counts.closed) == ("ok", 1)
    assert gone not in items(bench)
    assert len(own) <= row.counts.read < len(own) + 12, "this drive only"
    sandbox_admin.clear_faults()
    assert read(bench).counts.read == 0, "the new link is good"


@pytest.mark.parametrize("kind", ["malformed_json", "missing_permission"])
def test_a_drive_that_fails_keeps_its_link_and_no_other(
    bench: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    read(bench)
    (drive, changed), *_ = stored(
        bench, ITEMS, "drive_id, item_id", "valid_to IS NULL AND mime_type IS NOT NULL"
    )
    other = stored(
        bench, ITEMS, "item_id", f"valid_to IS NULL AND drive_id <> '{drive}' AND size > 0"
    )[0][0]
    sandbox_admin.patch(ITEMS, changed, {"size": 4711})
    sandbox_admin.patch(ITEMS, other, {"size": 4712})
    sandbox_admin.faults({"kind": kind, "path": f"{drive}/root/delta"})
    row = read(bench)
    sandbox_admin.clear_faults()
    if kind == "missing_permission":
        assert (row.state, row.cause) == ("partial", "children_refused")
    sizes = dict(stored(bench, ITEMS, "item_id, size", "valid_to IS NULL"))
    assert sizes[other] == 4712
    assert read(bench).state == "ok"
    sizes = dict(stored(bench, ITEMS, "item_id, size", "valid_to IS NULL"))
    assert (sizes[changed], sizes[other]) == (4711, 4712)


def test_a_drive_that_is_gone_takes_its_items_and_its_link(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    read(bench)
    before = links(bench)
    user, drive = stored(bench, "user_drives", "user_id, drive_id", "valid_to IS NULL")[2]
    sandbox_admin.delete("users", user)
    collected(bench, "users")
    assert stored(bench, "user_drives", "id", f"user_id = '{user}' AND valid_to IS NULL") == []
    assert stored(bench, ITEMS, "id", f"drive_id = '{drive}' AND valid_to IS NULL") == []
    assert links(bench) == before - 1
    sandbox_admin.restore("users", user)
    for dataset in ("users", "user_drives", ITEMS):
        assert read(bench, dataset).state == "ok"
    assert stored(bench, ITEMS, "id", f"drive_id = '{drive}' AND valid_to IS NULL") != []


def test_shares_are_read_below_what_is_shared_and_again_where_it_changed(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    read(bench)
    first = read(bench, SHARES)
    assert (first.state, first.cause) == ("ok", None)
    shared = {
        own
        for (own,) in stored(bench, ITEMS, "id", "valid_to IS NULL AND shared_scope IS NOT NULL")
    }
    below = stored(bench, SHARES, "parent_id, id, item_id", "valid_to IS NULL")
    assert {parent for parent, _own, _item in below} == shared
    assert all(parent.endswith(item) and own.startswith(parent) for parent, own, item in below)
    hours_pass(bench, 1)
    assert read(bench, SHARES).counts.read == 0, "nothing has changed"
    changed = min(shared)
    sandbox_admin.patch(ITEMS, changed.rpartition("/")[2], {"size": 99})
    read(bench)
    row = read(bench, SHARES)
    own = [parent for parent, _own, _item in below if parent == changed]
    assert row.counts.read == len(own) > 0


def test_what_is_shared_no_more_loses_its_permissions(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    read(bench)
    read(bench, SHARES)
    parent, item = stored(
        bench, ITEMS, "id, item_id", "valid_to IS NULL AND shared_scope IS NOT NULL"
    )[0]
    sandbox_admin.patch(ITEMS, item, {"shared": None})
    assert read(bench).state == "ok"
    row = read(bench, SHARES)
    assert row.counts.closed > 0
    assert stored(bench, SHARES, "id", f"parent_id = '{parent}' AND valid_to IS NULL") == []


def hours_pass(bench: Bench, hours: int) -> None:
    """Let the last complete read of the shares lie further back, and all items with it."""
    past = timedelta(hours=hours)
    change = (
        f"UPDATE data.{ITEMS} SET valid_from = valid_from - :past, told_at = told_at - :past"
        " WHERE valid_to IS NULL"
    )
    with tenant_session(bench.engine, bench.tenant_id) as connection:
        connection.execute(text(change), {"past": past})
    assert clock.now()
