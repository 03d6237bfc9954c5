"""What one answer of a batch is made of keeps no other from being stored, and no run from its end."""

import json

import pytest
from sqlalchemy import Engine

from infra.local.sandbox_process import SandboxReady
from shared.store.work.run_records import LedgerRow
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import OpenPurse, sandbox_settings
from tests.fixtures.hostile import Asked, Hostile, http

pytestmark = pytest.mark.stack

GROUPS = ("a", "b", "c")
GOOD = {"status": 200, "body": {"value": [{"id": "u", "@odata.type": "#microsoft.graph.user"}]}}
ALL = {"a/u", "b/u", "c/u"}


@pytest.fixture
def bench(app_engine: Engine, sandbox: SandboxReady, purse: OpenPurse, hostile: Hostile) -> Bench:
    """A bench that knows three groups."""
    bench = Bench(app_engine, sandbox, purse)
    bench.settings = sandbox_settings(sandbox, 0, **hostile.settings)
    link = f"{hostile.origin}/v1.0/groups/delta?$deltatoken=x"
    listed = {"value": [{"id": own} for own in GROUPS], "@odata.deltaLink": link}
    hostile.answer = lambda _asked: http(json.dumps(listed).encode())
    row = bench.collect("groups")
    assert row is not None
    assert row.counts.inserted == 3
    return bench


def collected(bench: Bench, hostile: Hostile, *instead: object, reverse: bool = False) -> LedgerRow:
    """Collect members; the batch holds `instead` in the place of the answer about group b, whose
    request's number stands for "ID" in them."""

    def answer(asked: Asked) -> bytes:
        responses: list[object] = []
        for request in json.loads(asked.body)["requests"]:
            own = request["id"]
            if "/groups/b/" not in request["url"]:
                responses.append({"id": own, **GOOD})
                continue
            told = json.dumps(instead).replace('"ID"', json.dumps(own)).replace('"NUMBER"', own)
            responses += json.loads(told)
        return http(json.dumps({"responses": responses[:: -1 if reverse else 1]}).encode())

    hostile.answer = answer
    for _ in range(5):
        row = bench.collect("members")
        if row is not None:
            return row
    raise AssertionError("the run has not ended")


@pytest.mark.parametrize(
    "instead",
    [
        [{"id": "ID", **GOOD, "status": "200"}],
        [{"id": "NUMBER", **GOOD}],
        [{"id": "ID", **GOOD}] * 2,
        [{"id": "ID", **GOOD, "headers": None, "x": [1]}],
        [{"id": "99", "status": 404}, {"id": "ID", **GOOD}, {"id": "x", "status": 500}, 7, None],
    ],
    ids=["status_is_text", "id_is_number", "twice", "no_headers", "foreign"],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_what_can_be_understood_is_taken(
    bench: Bench, hostile: Hostile, instead: list[object], reverse: bool
) -> None:
    row = collected(bench, hostile, *instead, reverse=reverse)
    assert (row.state, row.cause) == ("ok", None)
    assert set(bench.current("members")) == ALL


@pytest.mark.parametrize(
    "instead",
    [
        [],
        [None],
        ["text"],
        [[]],
        [{}],
        [{"id": "ID"}],
        [{"id": "ID", "status": None}],
        [{"id": "ID", "status": "fine"}],
        [{"id": "ID", "status": 200}],
        [{"id": "ID", "status": 200, "body": None}],
        [{"id": "ID", "status": 200, "body": "eyJ2YWx1ZSI6W119"}],
        [{"id": "ID", "status": 200, "body": {"value": None}}],
        [{"id": "ID", "status": 200, "body": {"value": {}}}],
        [{"id": "ID", "status": 200, "body": {"error": {"code": "X"}}}],
        [{"id": "ID", "status": 204}],
        [{"id": "ID", "status": 302, "headers": {"Location": "https://x.example/"}}],
        [{"id": "ID", "status": 999}],
        [{"id": "ID", "status": -1}],
        [{"id": "ID", "status": 10**30}],
        [{"id": "ID", "status": 500, "body": {"error": "text"}}],
        [{"id": "ID", "status": 403, "body": {"error": {"code": None, "message": 7}}}],
        [{"id": "ID", **GOOD}, {"id": "ID", "status": 404}],
        [{"id": "ID", "status": 404}, {"id": "ID", **GOOD}],
        [{"id": None, **GOOD}],
        [{"id": ["ID"], **GOOD}],
        [{"id": "ID", **GOOD, "headers": [1]}],
    ],
)
def test_what_cannot_be_understood_keeps_its_own_group_only(
    bench: Bench, hostile: Hostile, instead: list[object]
) -> None:
    before = collected(bench, hostile, {"id": "ID", **GOOD})
    assert before.state == "ok"
    row = collected(bench, hostile, *instead)
    assert (row.state, row.cause) == ("partial", "children_refused")
    assert row.cause_detail is not None
    assert "1 objects of groups" in row.cause_detail
    assert (row.counts.unchanged, row.counts.closed) == (2, 0)
    assert set(bench.current("members")) == ALL
