"""The work for a page does not grow with the table, whatever came before it and whatever was analysed.

Work is counted, not timed: buffers of the statements (pg_stat_statements) for the pages, rows that
every node of the plan touched (EXPLAIN ANALYZE) for what closes a read.
"""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
import pytest

from shared.store.datasets.merge_statements import merge_statements
from shared.store.session.sessions import cursor, tenant_session
from shared.store.work.run_records import Run
from tests.store.catalogue import COLLECTORS
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack

PAGE = 150
PAGES = 12

_BUFFERS = """
    SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()
    AND query ~ 'data\\."(members|people)"' AND query !~* 'analyze'
"""

STATISTICS = {
    "none": "SELECT 1",
    "of the first batch": "ANALYZE data.members; ANALYZE data.people",
}


class Counted:
    """A tenant whose statements' buffers are counted."""

    def __init__(self, tenant: TenantData, owner: psycopg.Connection) -> None:
        self.tenant = tenant
        self.owner = owner
        self._number = 0

    def store(self, run: Run, dataset: str, count: int, parent: str | None) -> int:
        """Store a page of `count` new rows; return how many buffers that touched."""
        numbers = range(self._number, self._number + count)
        self._number += count
        # Ids come in no order, as Graph's do: a probe may not profit from its neighbour's.
        ids = (f"{hash((n, 7)) & 0xFFFFFFFF:08x}-{n}" for n in numbers)
        objects = [{"id": name, "memberId": name} for name in ids]
        rows = page(dataset, objects, parents=[parent] * count if parent else [])
        before = self.buffers()
        stored = self.tenant.loader(dataset).apply(
            run, rows, observed_at=T0, checkpoint=None, track_seen=True
        )
        assert stored.inserted == count
        return self.buffers() - before

    def buffers(self) -> int:
        """Buffers that statements over the tests' tables have touched so far."""
        row = self.owner.execute(_BUFFERS).fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
def counted(tenant: TenantData, owner_url: str) -> Any:
    """A tenant beside a view of what its statements cost."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        for name in ("members", "people"):
            owner.execute(f"ALTER TABLE data.{name} SET (autovacuum_enabled = off)".encode())
        # What belongs to an object that is not there is not stored.
        parents = [{"id": name} for name in ("small", "large", "g")]
        tenant.load("crews", page("crews", parents))
        yield Counted(tenant, owner)


@pytest.mark.parametrize("statistics", STATISTICS)
@pytest.mark.parametrize("dataset", ["members", "people"])
@pytest.mark.parametrize("first", [3, 60])
def test_a_page_costs_what_the_one_before_it_cost(
    counted: Counted, first: int, dataset: str, statistics: str
) -> None:
    run = counted.tenant.open(dataset)
    parents = ["small", "large"] if dataset == "members" else [None, None]
    if dataset == "members":
        counted.tenant.load("crews", page("crews", [{"id": name} for name in parents]))
    counted.store(run, dataset, first, parents[0])
    counted.owner.execute(STATISTICS[statistics].encode())
    costs = [counted.store(run, dataset, PAGE, parents[1]) for _ in range(PAGES)]
    # A deeper index costs a buffer more a probe; a table that is walked through costs hundreds.
    assert min(costs) > 0, "nothing was counted"
    assert max(costs[2:]) < 3 * min(costs), costs
    assert max(costs) < 25 * PAGE, costs


@pytest.mark.parametrize("analysed", [False, True])
def test_a_newcomer_beside_a_large_tenant_costs_no_more(counted: Counted, analysed: bool) -> None:
    counted.tenant.load("crews", page("crews", [{"id": "g"}]))
    large = counted.tenant.open("members")
    for _ in range(PAGES):
        counted.store(large, "members", PAGE, "g")
    if analysed:
        counted.owner.execute("ANALYZE data.members")
    counted.tenant = TenantData(counted.tenant.engine, "Newcomer")
    counted.tenant.load("crews", page("crews", [{"id": "small"}, {"id": "large"}]))
    run = counted.tenant.open("members")
    counted.store(run, "members", 60, "small")
    costs = [counted.store(run, "members", PAGE, "large") for _ in range(PAGES)]
    assert 0 < max(costs) < 25 * PAGE, costs


@pytest.mark.parametrize("statistics", STATISTICS)
@pytest.mark.parametrize(
    "statement", ["close_unseen", "close_unseen_of_parent", "close_orphans", "close_parents"]
)
def test_what_ends_a_read_touches_each_row_a_few_times(
    counted: Counted, statement: str, statistics: str
) -> None:
    tenant = counted.tenant
    teams = [{"id": f"t{number:05}"} for number in range(2000)]
    tenant.load("crews", page("crews", teams))
    run = tenant.open("members")
    counted.store(run, "members", 60, "t00001")
    counted.owner.execute(STATISTICS[statistics].encode())
    for number in range(PAGES):
        counted.store(run, "members", PAGE, f"t{number:05}")
    sql = getattr(merge_statements(COLLECTORS["members"]), statement)
    found = explained(tenant.tenant_id, tenant, run, sql.replace("{parent}", 'data."crews"'))
    total = 60 + PAGES * PAGE
    assert touched(found) < 12 * total, json.dumps(found, indent=1)
    if statement in ("close_unseen_of_parent", "close_parents"):
        assert touched(found) < 12 * total / 2, json.dumps(found, indent=1)
        assert "members_parent" in json.dumps(found)


def explained(tenant_id: UUID, tenant: TenantData, run: Run, sql: str) -> dict[str, Any]:
    """The plan of a statement as it ran for the application's role."""
    given = {
        "tenant": tenant_id,
        "dataset": "members",
        "run": run.run_id,
        "at": T0,
        "parent": "t00003",
        "parents": ["t00003"],
        "ids": [str(number) for number in range(PAGE)],
    }
    with tenant_session(tenant.engine, tenant_id) as connection, cursor(connection) as query:
        query.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}".encode(), given)
        row = query.fetchone()
        connection.rollback()
    assert row is not None
    plans: Any = row[0]
    plan: dict[str, Any] = plans[0]["Plan"]
    return plan


def touched(node: Mapping[str, Any]) -> float:
    """Rows that a plan's nodes gave out or threw away, over all loops."""
    thrown = sum(value for key, value in node.items() if key.startswith("Rows Removed by"))
    own = (node.get("Actual Rows", 0) + thrown) * node.get("Actual Loops", 1)
    return float(own) + sum(touched(inner) for inner in node.get("Plans", []))
