"""Lists as no sample shows them: empty, broken off, with objects that are no JSON."""

from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.store.work.run_records import LedgerRow
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack

# Read whole in every test: a small tenant will do.
SANDBOX_USERS = 60

POLICIES, PATH = "conditional_access_policies", "/policies"
A, B = (f'{{"id":"{own}","displayName":"{own}","state":"enabled"}}' for own in "ab")


@pytest.fixture(autouse=True)
def _no_throttling(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """These tests read one path more often than Graph would allow."""
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1.0)


def read(bench: Bench, admin: SandboxAdmin, dataset: str, path: str, body: str) -> LedgerRow:
    admin.faults({"kind": "body", "path": path, "value": body})
    row = bench.collect(dataset)
    admin.clear_faults()
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("dataset", "path"),
    [
        ("domains", "/domains"),
        ("organization", "/organization"),
        ("role_definitions", "/roleDefinitions"),
        ("subscribed_skus", "/subscribedSkus"),
        ("user_registration_details", "/userRegistrationDetails"),
    ],
)
def test_a_list_that_is_empty_of_a_sudden_is_believed_the_second_time(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, path: str
) -> None:
    bench.collect(dataset)
    before = set(bench.current(dataset))
    assert before
    first = read(bench, sandbox_admin, dataset, path, '{"value":[]}')
    assert (first.state, first.cause, first.counts.closed) == ("partial", "list_empty", 0)
    assert set(bench.current(dataset)) == before
    again = bench.collect(dataset)
    assert again is not None
    assert (again.state, again.counts.unchanged) == ("ok", len(before))
    read(bench, sandbox_admin, dataset, path, '{"value":[]}')
    second = read(bench, sandbox_admin, dataset, path, '{"value":[]}')
    assert (second.state, second.cause, second.counts.closed) == ("ok", None, len(before))


def test_a_full_round_after_a_reset_that_lists_nothing_is_not_believed(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    bench.collect("groups")
    before = set(bench.current("groups"))
    link = f"{bench.sandbox.graph_endpoint}/v1.0/groups/delta?$deltatoken=x"
    body = f'{{"value":[],"@odata.deltaLink":"{link}"}}'
    sandbox_admin.faults(
        {"kind": "delta_reset", "path": "/groups/delta", "count": 1},
        {"kind": "body", "path": "/groups/delta", "value": body},
    )
    row = bench.collect("groups")
    sandbox_admin.clear_faults()
    assert row is not None
    assert (row.state, row.cause, row.counts.closed) == ("partial", "list_empty", 0)
    assert set(bench.current("groups")) == before
    again = bench.collect("groups")
    assert again is not None
    assert (again.state, again.counts.closed) == ("ok", 0)


def test_a_page_that_broke_off_closes_nothing(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    read(bench, sandbox_admin, POLICIES, PATH, f'{{"value":[{A},{B}]}}')
    broken = f'{{"value":[{A}],"error":{{"code":"generalException","message":"x"}}}}'
    row = read(bench, sandbox_admin, POLICIES, PATH, broken)
    assert (row.state, row.cause, row.counts.closed) == ("failed", "graph_malformed", 0)
    whole = f'\ufeff{{"error":null,"value":[{A},{B}]}}'
    assert read(bench, sandbox_admin, POLICIES, PATH, whole).counts.unchanged == 2


@pytest.mark.parametrize(
    "bad",
    [
        '{"id":"b","conditions":{"a":NaN}}',
        '{"id":"b","conditions":{"a":01}}',
        '{"id":"b","displayName":"\t"}',
        '{"id":"b",}',
        '{"id":"b" "state":"enabled"}',
        '{"id":""}',
    ],
)
def test_an_object_that_is_no_json_is_rejected_alone(
    bench: Bench, sandbox_admin: SandboxAdmin, bad: str
) -> None:
    read(bench, sandbox_admin, POLICIES, PATH, f'{{"value":[{A},{B}]}}')
    row = read(bench, sandbox_admin, POLICIES, PATH, f'{{"value":[{A},{bad}]}}')
    assert (row.state, row.cause) == ("partial", "rows_rejected")
    assert (row.counts.unchanged, row.counts.rejected, row.counts.closed) == (1, 1, 0)
    assert set(bench.current(POLICIES)) == {"a", "b"}


def test_a_removal_that_is_null_is_none(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    spared = B.replace("}", ',"@removed":null}')
    row = read(bench, sandbox_admin, POLICIES, PATH, f'{{"value":[{A},{spared}]}}')
    assert (row.state, row.counts.inserted) == ("ok", 2)
    assert set(bench.current(POLICIES)) == {"a", "b"}
