"""Fills a product database with made-up users for the reading benchmarks; runs in its own process."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.perf import people, product_store
from tests.perf.measure import Figures

type Job = Mapping[str, Any]


def users(job: Job) -> Figures:
    """Load `job["rows"]` users and their sign-in activity into `job["tenant_id"]`."""
    engine, tenant_id = product_store.open_store(job), UUID(job["tenant_id"])
    for dataset, make in (
        ("users", people.user_pages),
        ("sign_in_activity", people.activity_pages),
    ):
        loading = product_store.Loading(engine, tenant_id, dataset)
        for body in make(int(job["rows"])):
            (rows,) = product_store.decoded(dataset, [body])
            loading.store(rows)
        loading.finish()
    settle(job["database"])
    return {"rows": int(job["rows"])}


def settle(owner_url: str) -> None:
    """Do what autovacuum would have done by the time somebody reads."""
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def api_key(app_database: str) -> str:
    """Create an API key that may read every tenant's reports; return its text."""
    from shared.store.registers.api_keys import ApiKeys

    engine = product_store.open_store({"app_database": app_database})
    plain, _ = ApiKeys(engine).create(
        "benchmark",
        environment="test",
        permissions=["report:read", "report:personal"],
        tenant_ids=None,
        expires_at=None,
    )
    engine.dispose()
    return plain
