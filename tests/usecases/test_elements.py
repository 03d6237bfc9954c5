"""Rows that are elements of a list in what Graph lists: each has its own history."""

from copy import replace
from typing import Any

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import Column, Listed
from shared.core.registry import collector
from shared.graph.decoding.pages import decoder_of
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

PLANS, SKUS = "service_plans", "subscribed_skus"
GOOD = b'{"id":"a","skuId":"s","servicePlans":[{"servicePlanId":"1"},{"servicePlanId":"2"}]}'


@pytest.mark.stack
def test_each_element_is_a_row_and_each_read_says_the_same(bench: Bench) -> None:
    collected(bench, SKUS)
    first = collected(bench, PLANS)
    skus = stored(bench, SKUS, "id, sku_part_number, service_plans")
    held = {
        (f"{own}/{plan['servicePlanId']}", name, plan["servicePlanName"])
        for own, name, plans in skus
        for plan in plans
    }
    rows = stored(bench, PLANS, "id, sku_part_number, service_plan_name")
    assert set(rows) == held
    assert first.rows == len(rows) == len(held) > len(skus)
    again = collected(bench, PLANS)
    assert (again.counts.unchanged, again.counts.updated) == (len(rows), 0)


@pytest.mark.stack
def test_an_answer_that_is_cut_closes_nothing(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    rows = collected(bench, PLANS).rows
    sandbox_admin.faults({"kind": "malformed_json", "path": "/subscribedSkus"})
    row = bench.collect(PLANS)
    sandbox_admin.clear_faults()
    assert row is None or row.state != "ok"
    assert len(stored(bench, PLANS, "id", "valid_to IS NULL")) == rows


@pytest.mark.parametrize(
    ("bad", "ids"),
    [
        (b'{"id":"b","servicePlans":[]}', ["a/1", "a/2"]),
        (b'{"id":"b"}', ["a/1", "a/2"]),
        (b'{"id":"b","servicePlans":null}', ["a/1", "a/2"]),
        (b'{"id":"b","servicePlans":[{"servicePlanId":"3"},{"x":1}]}', ["a/1", "a/2", "b/3"]),
        (b'{"id":"b","servicePlans":[7]}', ["a/1", "a/2"]),
    ],
    ids=["empty", "absent", "null", "element without key", "element that is none"],
)
def test_what_has_no_elements_is_told_from_what_does_not_tell_them(
    bad: bytes, ids: list[str]
) -> None:
    page = decoder_of(collector(PLANS)).page(b'{"value":[' + GOOD + b"," + bad + b"]}")
    assert page.rows.ids == ids
    assert len(page.rows.rejected) == (0 if bad.endswith(b"[]}") else 1)


def test_links_stay() -> None:
    page = decoder_of(collector(PLANS)).page(
        b'{"value":[' + GOOD + b'],"@odata.nextLink":"https://graph.example/next"}'
    )
    assert page.next_link == "https://graph.example/next"


def test_elements_of_elements_are_rows_of_all_above_them() -> None:
    """As the streams of a call: of its sessions, their segments and their media."""
    spec = replace(
        collector(PLANS),
        dataset="streams",
        answer=Listed(each="sessions/segments"),
        key=("id", "sessions/id", "sessions/segments/id"),
        columns=(Column("caller", "sessions/caller"), Column("label", "sessions/segments/label")),
    )
    segments = [{"id": "1", "label": "main"}, {"id": "2"}]
    sessions: list[dict[str, Any]] = [
        {"id": "s", "caller": "a", "segments": segments},
        {"id": "t"},
        {"id": "u", "segments": None},
    ]
    call = {"id": "c", "sessions": sessions}
    page = decoder_of(spec).page(msgspec.json.encode({"value": [call, {"id": "d"}]}))
    assert page.rows.ids == ["c/s/1", "c/s/2"]
    assert page.rows.values == [("a", "main"), ("a", None)]
    assert len(page.rows.rejected) == 1, "of the call that does not tell its sessions"
