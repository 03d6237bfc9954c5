"""The measured baselines of `load` and `quiet`: how users are read and kept without Kanri."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.perf import baseline_graph, baseline_store
from tests.perf.measure import Figures, Meter

type Job = Mapping[str, Any]


def naive(job: Job) -> Figures:
    """Read by PageIterator over SDK models, keep each by ORM `session.merge`, commit per 1,000.

    The raw object is written with the SDK's own JSON writer, as the flat table keeps it too.
    """
    return asyncio.run(_naive(job))


async def _naive(job: Job) -> Figures:
    from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
    from sqlalchemy.orm import Session

    client = baseline_graph.graph_client(job["tenant"])
    tenant_id, rows = UUID(job["tenant"]["tenant_id"]), int(job["rows"])
    user_class = baseline_store.mapped_class()
    with Session(baseline_store.engine(job["database"])) as session:
        kept = 0

        def keep(user: Any) -> bool:
            nonlocal kept
            writer = JsonSerializationWriter()
            writer.write_object_value(None, user)
            raw = json.loads(writer.get_serialized_content())
            values = baseline_store.model_values(user, raw)
            session.merge(user_class(tenant_id=tenant_id, **values))
            kept += 1
            if kept % 1000 == 0:
                session.commit()
            return kept < rows

        await baseline_graph.iterate_models(client, 1, _stop)  # imports, token
        session.connection()
        with Meter(job["admin"]) as meter:
            await baseline_graph.iterate_models(client, rows, keep)
            session.commit()
    assert_stored(job, baseline_store.TABLE, rows)
    return meter.figures(rows)


def _stop(_user: Any) -> bool:
    return False


def bare(job: Job) -> Figures:
    """Read SDK bytes, decode with msgspec, COPY each page to a temp table, upsert it: no history."""
    return asyncio.run(_bare(job))


async def _bare(job: Job) -> Figures:
    import psycopg

    client = baseline_graph.graph_client(job["tenant"])
    rows, decode = int(job["rows"]), baseline_store.page_decoder()
    with psycopg.connect(job["database"], autocommit=True) as connection:
        writer = baseline_store.BareWriter(connection, UUID(job["tenant"]["tenant_id"]))
        async for body in baseline_graph.pages_of_bytes(client):  # imports, token
            decode(body)
            break
        with Meter(job["admin"]) as meter:
            async for body in baseline_graph.pages_of_bytes(client):
                writer.write(decode(body))
    assert_stored(job, baseline_store.TABLE, rows)
    return meter.figures(rows)


def core_upsert(job: Job) -> Figures:
    """Second run, nothing changed: SDK native JSON, then a SQLAlchemy Core upsert where it differs."""
    return asyncio.run(_core_upsert(job))


async def _core_upsert(job: Job) -> Figures:
    client = baseline_graph.graph_client(job["tenant"])
    rows, tenant_id = int(job["rows"]), UUID(job["tenant"]["tenant_id"])
    statement = _core_statement()
    with baseline_store.engine(job["database"]).connect() as connection:

        async def read_and_store() -> None:
            async for page in baseline_graph.pages_of_json(client):
                values = [_core_values(tenant_id, user) for user in page["value"]]
                connection.execute(statement, values)
                connection.commit()

        await read_and_store()
        checkpoint(job["admin"])
        with Meter(job["admin"]) as meter:
            await read_and_store()
    assert_stored(job, baseline_store.TABLE, rows)
    return meter.figures(rows)


def _core_statement() -> Any:
    from sqlalchemy.dialects.postgresql import insert

    table = baseline_store.table()
    statement = insert(table)
    new = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "id"],
        set_=new,
        where=table.c.content_hash.is_distinct_from(statement.excluded.content_hash),
    )


def _core_values(tenant_id: UUID, user: dict[str, Any]) -> dict[str, object]:
    from datetime import datetime

    content = json.dumps(user).encode()
    values: dict[str, object] = {
        "tenant_id": tenant_id,
        "id": user["id"],
        "content_hash": hashlib.blake2b(content, digest_size=16).digest(),
        "raw": user,
    }
    for column in baseline_store.columns():
        value = user.get(column.source)
        if column.type == "timestamp" and value is not None:
            value = datetime.fromisoformat(value)
        values[column.name] = value
    return values


def checkpoint(admin_url: str) -> None:
    """Write everything out before a timed stretch, as a quiet hour does."""
    import psycopg

    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def assert_stored(job: Job, table: str, rows: int, where: str = "true") -> None:
    """Assert that the table holds `rows` rows whose raw column is a JSON object."""
    import psycopg

    with psycopg.connect(job["database"]) as connection:
        query = (
            f"SELECT count(*), count(*) FILTER (WHERE jsonb_typeof(raw) = 'object') FROM {table}"
        )
        found = connection.execute(f"{query} WHERE {where}").fetchone()
    assert found == (rows, rows), f"{table} holds {found}, expected {rows}"
