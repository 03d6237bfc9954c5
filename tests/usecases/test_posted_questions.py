"""Questions that have no room in an address: posted, answered under another name, halved when cut.

As hunting queries are. What is posted goes to an action of the sandbox that answers a question too.
"""

import json
from collections.abc import Iterator, Sequence
from copy import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import FROM, UNTIL, Column, Get, Listed, Slices
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

WHOLE, SLICED = "domains", "audit_records"
_QUERY = f"T | where at >= datetime({FROM}) and at < datetime({UNTIL})"


@pytest.fixture(autouse=True)
def posted(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Two datasets that are read by a question in a body; an answer of three objects was cut."""
    sandbox_admin.throttle(0)
    user = next(iter(sandbox_admin.journal("users")["objects"]))
    ask = Get(
        f"users/{user}/getMemberObjects",
        selects=False,
        body=(("securityEnabledOnly", True), ("Query", _QUERY)),
    )
    answer = Listed(named="results", most=3)
    kind = Column("authentication_type", "kind")
    bench.changed[WHOLE] = replace(
        bench.collector(WHOLE), ask=ask, answer=answer, key=("name",), columns=(kind,)
    )
    bench.changed[SLICED] = replace(
        bench.collector(SLICED),
        ask=ask,
        answer=answer,
        extent=Slices(initial=timedelta(hours=1), span=timedelta(hours=1), look_backs=()),
        key=("name",),
        columns=(
            Column("created_at", "Timestamp", "timestamp", never_null=True),
            Column("operation", "kind"),
        ),
    )
    yield
    sandbox_admin.clear_faults()
    sandbox_admin.throttle(1)


def answers(*names: Sequence[str]) -> list[dict[str, Any]]:
    """Faults that answer the questions one after the other with objects of these names, the last one
    for ever."""
    last = len(names) - 1
    return [
        {
            "kind": "body",
            "path": "getMemberObjects",
            "value": json.dumps({"Schema": [], "results": [_row(name) for name in found]}),
            "after": number,
            "count": None if number == last else 1,
        }
        for number, found in enumerate(names)
    ]


def _row(name: str) -> dict[str, str]:
    return {"name": name, "kind": "k", "Timestamp": "2026-11-20T10:00:00Z"}


def test_a_list_is_read_whatever_it_is_called(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.faults(*answers("ab"))
    assert collected(bench, WHOLE).rows == 2
    sandbox_admin.faults(*answers("b"))
    assert collected(bench, WHOLE).counts.closed == 1
    assert stored(bench, WHOLE, "id", "valid_to IS NULL") == [("b",)]


def test_a_list_under_another_name_than_agreed_is_none(bench: Bench) -> None:
    row = bench.collect(WHOLE)
    assert row is not None
    assert (row.state, row.cause) == ("failed", "graph_malformed"), "the action's own `value`"


def test_a_whole_list_that_was_cut_closes_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults(*answers("ab"))
    collected(bench, WHOLE)
    sandbox_admin.faults(*answers("bcd"))
    assert collected(bench, WHOLE, "partial", "job_partly").counts.closed == 0
    assert len(stored(bench, WHOLE, "id", "valid_to IS NULL")) == 4


def test_of_a_slice_that_was_cut_half_is_asked_for(
    bench: Bench, sandbox_admin: SandboxAdmin, tmp_path: Path
) -> None:
    sandbox_admin.wire_log(str(tmp_path / "wire"))
    sandbox_admin.faults(*answers("abc", "a", "bc"))
    row = collected(bench, SLICED)
    sandbox_admin.wire_log(None)
    assert {own for (own,) in stored(bench, SLICED, "id")} == {"a", "b", "c"}
    (first, *parts) = asked(tmp_path / "wire")
    assert len(parts) >= 2
    assert (parts[0][0], parts[-1][1]) == first
    assert all(earlier[1] == later[0] for earlier, later in pairwise(parts))
    assert row.counts.read == 1 + 2 * (len(parts) - 1), "what was cut is not stored"


def asked(wire: Path) -> list[tuple[str, str]]:
    """The bounds in each question that was posted."""
    exchanges = map(msgspec.json.decode, wire.read_bytes().splitlines())
    posts = [one["request_body"] for one in exchanges if "getMemberObjects" in one["url"]]
    found = [post["Query"].split("datetime(") for post in posts]
    return [(since.partition(")")[0], until.partition(")")[0]) for _, since, until in found]


def test_a_slice_that_can_be_no_shorter_is_stored_and_said_to_be_cut(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    spec = bench.collector(SLICED)
    minute = timedelta(minutes=1)
    bench.changed[SLICED] = replace(spec, extent=Slices(initial=minute, span=minute, look_backs=()))
    sandbox_admin.faults(*answers("abc"))
    row = collected(bench, SLICED, "partial", "job_partly")
    assert len(stored(bench, SLICED, "id")) == 3
    assert row.final_until is None
