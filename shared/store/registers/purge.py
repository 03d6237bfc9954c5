"""Deletes what Kanri keeps of a tenant: the rows in every table that has a column `tenant_id`.

All but what the application may not delete from: who did what to the tenant outlives it.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text

from shared.core.errors import Conflict, NotFound
from shared.store.registers.legal_holds import require_no_hold
from shared.store.registers.tenant_table import TENANTS
from shared.store.session.sessions import tenant_session

# From the database's own catalog: a table that no declaration names any more is emptied too. The
# state of work comes first, so that a worker still at it is fenced off and waits for nothing else.
_TABLES = text("""
    SELECT format('%I.%I', nspname, relname)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = :schema AND relkind IN ('r', 'p') AND relname <> 'tenants'
        AND has_table_privilege(pg_class.oid, 'DELETE') AND EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped
    ) ORDER BY relname <> 'work_state', relname
""")


def purge_steps(engine: Engine, tenant_id: UUID) -> Iterator[str]:
    """Delete all data, state, ledger and registers of a removed tenant; its entry stays.

    Yields the name of what has just been emptied, each in a transaction of its own: first all of
    our own tables, then each dataset. Conflict if the tenant is not removed, or is connected again
    meanwhile: a worker could be writing. Conflict too while anything of it is held. Repeatable.
    """
    with tenant_session(engine, tenant_id) as connection:
        _hold_removed(connection, tenant_id)
        for table in _tables(connection, "kanri"):
            _empty(connection, table, tenant_id)
        datasets = _tables(connection, "data")
    yield "kanri"
    for table in datasets:
        with tenant_session(engine, tenant_id) as connection:
            _hold_removed(connection, tenant_id)
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            _empty(connection, table, tenant_id)
        yield table


def count_rows(engine: Engine, tenant_id: UUID) -> dict[str, int]:
    """Return how many rows of the tenant each dataset holds, its history included; 0 is left out.

    Conflict while anything of the tenant is held: none of them may go.
    """
    with tenant_session(engine, tenant_id) as connection:
        require_no_hold(connection, tenant_id)
        counts = (
            f"SELECT '{table}', count(*) FROM {table} WHERE tenant_id = :tenant"  # noqa: S608
            for table in _tables(connection, "data")
        )
        found = connection.execute(text(" UNION ALL ".join(counts)), {"tenant": tenant_id})
        return {table.removeprefix("data."): rows for table, rows in found if rows}


def _tables(connection: Connection, schema: str) -> list[str]:
    return list(connection.execute(_TABLES, {"schema": schema}).scalars())


def _empty(connection: Connection, table: str, tenant_id: UUID) -> None:
    remove = text(f"DELETE FROM {table} WHERE tenant_id = :tenant")  # noqa: S608
    connection.execute(remove, {"tenant": tenant_id})


def _hold_removed(connection: Connection, tenant_id: UUID) -> None:
    """Keep the tenant removed until the end of the transaction; Conflict if it is not."""
    query = select(TENANTS.c.state).filter_by(tenant_id=tenant_id).with_for_update(read=True)
    state = connection.execute(query).scalar_one_or_none()
    if state is None:
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
    if state != "removed":
        raise Conflict("tenant_not_removed", parameter="tenant", value=str(tenant_id))
    require_no_hold(connection, tenant_id)
