"""One bad object is not a bad page: whatever it is made of, the others are stored and it is counted."""

import json
from collections.abc import Iterator
from io import BytesIO

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.registry import collector
from shared.graph.decoding.usage_files import read_usage_csv
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack

# Read whole in every test: a small tenant will do.
SANDBOX_USERS = 60

DEEP = 20_000


@pytest.fixture(autouse=True)
def _no_throttling(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """These tests read one path more often than Graph would allow."""
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1.0)


def policy(own: str, **given: object) -> str:
    return json.dumps({"id": own, "displayName": own, "state": "enabled", **given})


def deep(own: str, levels: int) -> str:
    plain = policy(own, conditions="HERE")
    return plain.replace('"HERE"', '{"a":' * levels + "1" + "}" * levels)


def page(*objects: str) -> str:
    return '{"value":[' + ",".join(objects) + "]}"


@pytest.mark.parametrize(
    "bad",
    [
        deep("b", DEEP),
        policy("b", conditions={"x": "X"}).replace('"X"', "1e200000"),
        policy("b", createdDateTime="2026-02-30T00:00:00Z"),
        policy("b", modifiedDateTime="soon"),
        policy("b\x00"),
        '{"id":"b\\ud83d","displayName":7}',
        '"text"',
        "null",
    ],
    ids=["deep", "number", "day", "word", "nul", "id", "text", "null"],
)
def test_an_object_that_cannot_be_kept_is_rejected_alone(
    bench: Bench, sandbox_admin: SandboxAdmin, bad: str
) -> None:
    body = page(policy("a"), bad, policy("c"))
    sandbox_admin.faults({"kind": "body", "path": "/policies", "value": body})
    row = bench.collect("conditional_access_policies")
    assert row is not None
    assert (row.state, row.cause) == ("partial", "rows_rejected")
    assert (row.counts.read, row.counts.inserted, row.counts.rejected) == (3, 2, 1)
    assert set(bench.current("conditional_access_policies")) == {"a", "c"}


def test_text_that_no_unicode_has_is_mended_and_told(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    cut = policy("b").replace('"displayName": "b"', r'"displayName": "cut \ud83d"')
    whole = policy("c").replace('"displayName": "c"', r'"displayName": "\ud83d\ude00 \\ud83d"')
    body = page(policy("a"), cut, whole)
    sandbox_admin.faults({"kind": "body", "path": "/policies", "value": body})
    row = bench.collect("conditional_access_policies")
    assert row is not None
    assert (row.state, row.cause, row.counts.inserted) == ("ok", "rows_mended", 3)
    assert row.cause_detail is not None
    assert "1 object" in row.cause_detail
    found = bench.current("conditional_access_policies")
    assert {item["displayName"] for item in found.values()} == {"a", "cut \ufffd", "😀 \\ud83d"}
    again = bench.collect("conditional_access_policies")
    assert again is not None
    assert again.counts.unchanged == 3


def test_a_deep_object_is_not_closed_by_the_read_that_could_not_keep_it(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    good = {"kind": "body", "path": "/policies", "value": page(policy("a"), policy("b"))}
    sandbox_admin.faults(good)
    bench.collect("conditional_access_policies")
    sandbox_admin.faults({**good, "value": page(policy("a"), deep("b", DEEP))})
    row = bench.collect("conditional_access_policies")
    assert row is not None
    assert (row.counts.closed, row.counts.rejected) == (0, 1)
    assert set(bench.current("conditional_access_policies")) == {"a", "b"}


def test_a_name_too_long_for_an_index_rejects_its_row_only(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    def person(own: str, name: str) -> str:
        return json.dumps({"id": own, "userPrincipalName": own, "userDisplayName": name})

    # Beyond what an index row holds even when compressed.
    long = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(6_000))
    body = page(person("a", "Ann"), person("b", long), person("c", "Cem"))
    sandbox_admin.faults({"kind": "body", "path": "/userRegistrationDetails", "value": body})
    row = bench.collect("user_registration_details")
    assert row is not None
    assert (row.state, row.counts.inserted, row.counts.rejected) == ("partial", 2, 1)
    assert row.cause_detail is not None
    assert long[:5] not in row.cause_detail


def test_of_a_name_given_twice_the_last_one_counts_in_column_and_object(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    twice = '{"id":"a","displayName":"first","state":"enabled","displayName":"last"}'
    sandbox_admin.faults({"kind": "body", "path": "/policies", "value": page(twice)})
    row = bench.collect("conditional_access_policies")
    assert row is not None
    assert row.state == "ok"
    assert bench.current("conditional_access_policies")["a"]["displayName"] == "last"


def test_a_line_of_a_file_may_hold_anything(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    headers = [column.source for column in collector("mailbox_usage").columns]
    known = ["Report Refresh Date", *headers]
    cells = {"Report Refresh Date": "2026-11-27", "Is Deleted": "False"}

    def line(**given: str) -> str:
        filled = cells | {name.replace("_", " "): value for name, value in given.items()}
        return ",".join(filled.get(name, "") for name in known)

    body = "\r\n".join(
        [
            ",".join(known),
            line(User_Principal_Name="ann@x", Display_Name="A\x00nn"),
            line(User_Principal_Name="b\x00en@x"),
            line(User_Principal_Name="cem@x", Item_Count="9" * 5000),
            line(User_Principal_Name="dan@x", Created_Date="2026-02-30"),
            line(User_Principal_Name="eve@x", Report_Refresh_Date="0000-00-00"),
            "",
        ]
    )
    assert read_usage_csv(collector("mailbox_usage"), BytesIO(body.encode())).lines == 5
    sandbox_admin.faults({"kind": "body", "path": "reportsdownload", "value": body})
    row = bench.collect("mailbox_usage")
    assert row is not None
    assert (row.state, row.counts.inserted, row.counts.rejected) == ("partial", 1, 4)
    assert bench.current("mailbox_usage")["ann@x"]["Display Name"] == "A\ufffdnn"
