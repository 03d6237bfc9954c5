"""Datasets that cost many requests: off until the tenant switches them on, which costs nothing and is said."""

from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.registry import collector, datasets
from shared.store.registers.tenant_settings import OwnSettings, TenantSettings
from shared.store.work.lateness import Lateness
from shared.usecases.change_settings import change_settings
from shared.usecases.estimate_reads import Cost, estimates
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import OpenPurse
from tests.fixtures.stored import collected, stored
from tests.fixtures.switched import switch
from tests.fixtures.works import collecting

pytestmark = pytest.mark.stack

SETTINGS, DRIVES, ITEMS = "mailbox_settings", "user_drives", "drive_items"


@pytest.fixture(autouse=True)
def users(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    """Users and plans have been read, and nothing costly is on."""
    sandbox_admin.throttle(0)
    collected(bench, "users")
    collected(bench, "service_plans")
    switch(bench.engine, bench.tenant_id, on=False)


def switched(bench: Bench, **switches: bool) -> OwnSettings:
    now = clock.now()
    return change_settings(bench.engine, bench.tenant_id, {}, switches, now, lambda _: None)


def due(bench: Bench, *names: str, after: timedelta = timedelta()) -> set[str]:
    works = collecting({name: collector(name).cadence for name in names})
    return {claim.subject for claim in bench.runs.claim_due(clock.now() + after, works)}


def test_what_is_off_costs_no_request_and_one_line_a_day(bench: Bench, purse: OpenPurse) -> None:
    spent = len(purse.reserved)
    row = collected(bench, SETTINGS, "off", "not_switched_on")
    assert (row.counts.read, row.complete_at, row.rows) == (0, None, 0)
    assert SETTINGS in (row.cause_detail or "")
    assert len(purse.reserved) == spent
    assert due(bench, SETTINGS, after=timedelta(hours=23)) == set()
    assert due(bench, SETTINGS, after=timedelta(hours=25)) == {SETTINGS}
    every = {name: collector(name).every for name in (SETTINGS, "users")}
    late = Lateness(bench.engine).overdue(clock.now() + timedelta(days=30), every, timedelta())
    assert {one.dataset for one in late} == {"users"}


def test_below_what_is_off_nothing_is_read_either(bench: Bench) -> None:
    switched(bench, **{ITEMS: True})
    row = collected(bench, ITEMS, "off", "not_switched_on")
    assert (row.cause_detail or "").startswith(f"Not switched on for the tenant: {DRIVES}.")
    assert collector("drive_item_permissions").switches == (DRIVES, ITEMS, "drive_item_permissions")


def test_what_is_switched_on_or_off_is_due_at_once(bench: Bench) -> None:
    collected(bench, SETTINGS, "off", "not_switched_on")
    assert switched(bench, **{SETTINGS: True}).switched_on == {SETTINGS}
    assert due(bench, SETTINGS) == {SETTINGS}
    assert bench.messages(SETTINGS) == [], "it is on its way"
    collected(bench, DRIVES, "off", "not_switched_on")
    assert switched(bench, **{DRIVES: True, SETTINGS: False}).switched_on == {DRIVES}
    assert due(bench, DRIVES) == {DRIVES}


def test_a_run_ends_where_it_is_switched_off_and_closes_nothing(bench: Bench) -> None:
    switched(bench, **{SETTINGS: True})
    whole = collected(bench, SETTINGS).rows
    bench.slice_seconds = 0.0
    [message] = bench.messages(SETTINGS)
    following = bench.work(message)
    assert following is not None
    switched(bench, **{SETTINGS: False})
    assert bench.work(following) is None
    row = bench.runs.ledger(bench.tenant_id, SETTINGS, limit=1)[0]
    assert (row.state, row.cause, row.counts.closed) == ("off", "not_switched_on", 0)
    assert row.counts.read > 0
    assert row.rows == whole == len(bench.current(SETTINGS))


def test_what_it_takes_is_told_before_it_is_switched_on(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    names = [SETTINGS, DRIVES, ITEMS, "domains", "sign_ins", "mailbox_usage"]
    found = {
        one.spec.dataset: one
        for one in estimates(bench.engine, bench.tenant_id, names, clock.now())
    }
    people = sandbox_admin.journal("users")["objects"].values()
    boxes = sum(bool(one.get("mail")) and one.get("userType") != "Guest" for one in people)
    licensed = sum(bool(one.get("assignedLicenses")) for one in people)
    told = found[SETTINGS]
    assert (told.is_on, told.parents) == (False, boxes)
    # 15 requests a second, 4 at once.
    assert told.cost == Cost(
        requests=boxes, units=boxes, minutes=round((boxes - 4) / 15 / 60, 1), days=None
    )
    assert found[DRIVES].parents == licensed
    assert (found[ITEMS].waits_for, found[ITEMS].cost) == (DRIVES, None)
    assert (found["domains"].is_on, found["domains"].cost) == (True, None), "never read"
    assert found["sign_ins"].cost is None, "only time tells"
    assert found["mailbox_usage"].cost == Cost(requests=1, units=1, minutes=0.0, days=None)


def test_a_days_budget_of_its_own_is_told_in_days(bench: Bench) -> None:
    switch(bench.engine, bench.tenant_id)
    for name in (DRIVES, ITEMS):
        collected(bench, name)
    [one] = estimates(bench.engine, bench.tenant_id, ["drive_item_permissions"], clock.now())
    shared = stored(
        bench,
        ITEMS,
        "count(*)",
        "valid_to IS NULL AND (shared_scope IS NOT NULL OR shared_at IS NOT NULL)",
    )
    assert [(one.parents,)] == shared
    assert one.cost is not None
    assert one.cost.units == 5 * one.cost.requests > 0
    assert one.cost.days == 1


def test_two_who_switch_at_once_lose_nothing(bench: Bench) -> None:
    own = TenantSettings(bench.engine)
    own.change(bench.tenant_id, {"staleDays": 5}, {SETTINGS: True})
    before, after = own.change(bench.tenant_id, {"staleDays": None}, {DRIVES: True})
    assert before.told() == {"staleDays": 5, "switchedOn": [SETTINGS]}
    assert after.told() == {"switchedOn": [SETTINGS, DRIVES]}
    assert own.of(bench.tenant_id) == after


def test_nothing_but_what_is_declared_costly_asks_for_a_switch() -> None:
    costly = {name for name in datasets() if collector(name).costly}
    asking = {name for name in datasets() if collector(name).switches}
    assert costly
    assert costly <= asking
    for name in asking - costly:
        assert set(collector(name).switches) <= costly
