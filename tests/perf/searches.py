"""Shows which index a search uses below the tenant policy: the plan, and the index's own counter."""

from collections.abc import Mapping
from uuid import UUID

import psycopg

from shared.core.registry import collector
from shared.store.answers.report_statements import (
    page_sql,
    parameter_values,
    question_values,
)
from shared.store.answers.sources import AS_OF, TENANT
from shared.store.session.sessions import tenant_snapshot
from tests.perf import product_store
from tests.perf.rls_variants import queries

# The search, and the index that has to serve it.
_INDEXES = {
    "users startswith": "users_user_principal_name",
    "users contains": "users_display_name_trigrams",
}


def needles(owner_url: str) -> dict[str, str]:
    """Return a prefix of a sign-in name and a part of a display name that few users have."""
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT user_principal_name, display_name FROM data.users"
            " WHERE length(display_name) > 6 ORDER BY id LIMIT 1"
        ).fetchone()
    assert found is not None
    return {"prefix": found[0][:7], "part": found[1][1:6]}


def plans(database: Mapping[str, object], tenant_id: str, searched: Mapping[str, str]) -> list[str]:
    """Return the plan of each search, as the application role runs it.

    AssertionError if the search's index was not read.
    """
    lines = []
    asked = queries(searched["prefix"], searched["part"])
    for name, index in _INDEXES.items():
        before = _index_scans(str(database["database"]), index)
        spec, query = asked[name]
        statement = page_sql(spec, query, "all", collector, query.top)
        values = (
            question_values(query)
            | parameter_values(spec, query)
            | {
                TENANT: UUID(tenant_id),
                AS_OF: query.as_of,
            }
        )
        engine = product_store.open_store(database)
        with (
            tenant_snapshot(engine, UUID(tenant_id), timeout="20s") as session,
            psycopg.RawCursor(session) as cursor,
        ):
            explain = f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF, BUFFERS OFF, SUMMARY OFF) {statement.sql}"
            cursor.execute(explain.encode(), statement.arguments(values))
            plan = [f"      {row[0]}" for row in cursor.fetchall()]
        engine.dispose()  # a session that ends reports what it read
        scans = _index_scans(str(database["database"]), index) - before
        assert scans > 0, "\n".join([f"{name}: {index} was not read", *plan])
        lines += [f"  {name}: {scans} scan(s) of index {index} below the policy", *plan]
    return lines


def _index_scans(owner_url: str, index: str) -> int:
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = %s", [index]
        ).fetchone()
    assert found is not None, index
    return int(found[0])
