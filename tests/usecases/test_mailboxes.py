"""Settings and rules of mailboxes, a request each; who has no mailbox has no row, and that is no trouble."""

from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

SETTINGS, RULES = "mailbox_settings", "inbox_rules"
CURRENT = "valid_to IS NULL"
FORWARDS = {"forwardTo": [{"emailAddress": {"name": "x", "address": "x@fabrikam.example"}}]}


@pytest.fixture(autouse=True)
def users(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Users have been read."""
    sandbox_admin.throttle(0)
    collected(bench, "users")
    yield
    sandbox_admin.throttle(1)


def ids(bench: Bench, dataset: str, column: str = "id") -> set[str]:
    return {own for (own,) in stored(bench, dataset, column, CURRENT)}


def test_each_mailbox_has_settings_and_who_has_none_has_no_row(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    row = collected(bench, SETTINGS)
    boxes = set(sandbox_admin.journal(SETTINGS)["objects"])
    addressed = ids(bench, "users") - {
        own for (own,) in stored(bench, "users", "id", "mail IS NULL OR user_type = 'Guest'")
    }
    assert ids(bench, SETTINGS) == boxes & addressed == ids(bench, SETTINGS, "user_id")
    assert 0 < row.rows < len(addressed), "some have an address and no mailbox"
    purposes = {purpose for (purpose,) in stored(bench, SETTINGS, "DISTINCT user_purpose")}
    assert {"user", "shared"} < purposes
    assert collected(bench, SETTINGS).counts.unchanged == row.rows


def test_a_setting_that_changes_makes_a_version_and_a_lost_mailbox_ends_it(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, SETTINGS)
    first, second, *_ = sorted(ids(bench, SETTINGS))
    [(status,)] = stored(bench, SETTINGS, "automatic_replies_status", f"id = '{first}'")
    other = "scheduled" if status == "disabled" else "disabled"
    told = sandbox_admin.journal(SETTINGS)["objects"][first]["automaticRepliesSetting"]
    changed = {"automaticRepliesSetting": {**told, "status": other}}
    sandbox_admin.patch(SETTINGS, first, changed)
    sandbox_admin.delete(SETTINGS, second)
    row = collected(bench, SETTINGS)
    assert (row.counts.updated, row.counts.closed) == (1, 1)
    where = f"id = '{first}' AND {CURRENT}"
    assert stored(bench, SETTINGS, "automatic_replies_status", where) == [(other,)]
    assert second not in ids(bench, SETTINGS)


def test_rules_are_those_of_the_inbox_and_come_and_go(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    row = collected(bench, RULES)
    told = sandbox_admin.journal(RULES)["objects"]
    boxes = sandbox_admin.journal(SETTINGS)["objects"]
    told = {own: rule for own, rule in told.items() if rule["userId"] in boxes}
    assert ids(bench, RULES) == {f"{rule['userId']}/{own}" for own, rule in told.items()}
    assert row.counts.closed == 0
    gone, kept, *_ = sorted(told)
    user = told[kept]["userId"]
    made = {**told[kept], "id": "AQABmade", "actions": FORWARDS}
    sandbox_admin.create(RULES, made)
    sandbox_admin.delete(RULES, gone)
    sandbox_admin.patch(RULES, kept, {"isEnabled": not told[kept]["isEnabled"]})
    row = collected(bench, RULES)
    assert (row.counts.inserted, row.counts.updated, row.counts.closed) == (1, 1, 1)
    where = f"id = '{user}/AQABmade' AND {CURRENT}"
    assert stored(bench, RULES, "actions", where) == [(FORWARDS,)]


def test_without_a_mailbox_there_are_no_rules_any_more(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, RULES)
    [user, *_] = sorted(ids(bench, RULES, "user_id"))
    sandbox_admin.delete(SETTINGS, user)
    row = collected(bench, RULES)
    assert row.counts.closed >= 1
    assert user not in ids(bench, RULES, "user_id")


def test_that_nobody_has_a_mailbox_any_more_is_believed_the_second_time(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    known = collected(bench, SETTINGS).rows
    sandbox_admin.faults({"kind": "not_found", "path": "/mailboxSettings"})
    row = collected(bench, SETTINGS, "partial", "list_empty")
    assert (row.counts.closed, len(ids(bench, SETTINGS))) == (0, known)
    assert collected(bench, SETTINGS).counts.closed == known
    sandbox_admin.clear_faults()
    assert collected(bench, SETTINGS).counts.inserted == known


def test_while_some_are_shown_those_that_are_not_are_gone(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, SETTINGS)
    users = sorted(ids(bench, "users"))
    first = [own for own in sorted(ids(bench, SETTINGS)) if own in users[:40]]
    gone = "|".join(first)
    sandbox_admin.faults({"kind": "not_found", "path": f"/users/({gone})/mailboxSettings"})
    row = collected(bench, SETTINGS)
    assert row.counts.closed == len(first) > 5
    assert ids(bench, SETTINGS).isdisjoint(first)


@pytest.mark.parametrize("dataset", [SETTINGS, RULES])
def test_a_tenant_without_exchange_costs_one_request_and_keeps_what_it_had(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str
) -> None:
    known = collected(bench, dataset).rows
    sandbox_admin.tenant(notBought=["exchange"])
    try:
        collected(bench, "service_plans")
        path = "/(mailboxSettings|messageRules)"
        sandbox_admin.faults({"kind": "slow", "path": path, "seconds": 0})
        row = collected(bench, dataset, "not_licensed", "no_service_plan")
        assert [rule["struck"] for rule in sandbox_admin.stats()["faults"]] == [1]
    finally:
        sandbox_admin.tenant(notBought=[])
    assert (row.counts.closed, len(ids(bench, dataset))) == (0, known)
    bench.sent_on.clear()
    collected(bench, "service_plans")
    [at_once] = [claim for claim in bench.sent_on if claim.subject == dataset]
    assert bench.work(at_once) is None
    [last] = bench.runs.ledger(bench.tenant_id, dataset, limit=1)
    assert (last.state, last.rows) == ("ok", known)


def test_before_its_licences_are_known_everybody_is_asked(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["exchange"])
    try:
        assert collected(bench, SETTINGS).rows == 0
    finally:
        sandbox_admin.tenant(notBought=[])
