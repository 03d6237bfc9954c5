"""VACUUM and ANALYZE of one table: outside any transaction, never waiting for a lock, within a time.

The application owns no table. From PostgreSQL 17 on the migration gives it MAINTAIN on the tables that
it may change anyway; what it has no right to, such as the audit log and single partitions, is left to
autovacuum, and said. On 16 there is no such right: what a function of the owner's analyses is all.
"""

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import DBAPIError

from shared.core.database_check import Remedy
from shared.store.optimization.records import Outcome, Tended
from shared.store.session.sessions import naming_failures

if TYPE_CHECKING:
    from collections.abc import Iterator

# It takes turns with everybody else, as autovacuum does, and waits for nobody.
_LIMITS = text("""
    SELECT set_config('statement_timeout', :milliseconds, false),
        set_config('lock_timeout', '1s', false), set_config('vacuum_cost_delay', '2ms', false)
""")

# By the name as text: a name in a schema that one may not use cannot be looked up otherwise. Of 16 the
# second term is never evaluated: it knows no such right.
_STANDING = """
    SELECT coalesce(s.n_dead_tup, 0) AS dead, s.vacuum_count AS vacuums, s.analyze_count AS analyses,
        c.relname AS table, n.nspname = 'data' AND c.relkind = 'r' AS analysed_by_owner,
        {may} AS may
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
    WHERE format('%I.%I', n.nspname, c.relname) = :name
"""
_MAY = text(_STANDING.format(may="has_table_privilege(c.oid, 'MAINTAIN')"))
_MAY_16 = text(_STANDING.format(may="pg_has_role(c.relowner, 'USAGE')"))
_BY_OWNER = text("SELECT kanri.refresh_statistics(:table)")

# Truncating would take a lock that everybody waits for.
_STATEMENTS: dict[Remedy, str] = {
    "vacuum": "VACUUM (ANALYZE, SKIP_LOCKED, TRUNCATE false, PARALLEL 0)",
    "analyze": "ANALYZE (SKIP_LOCKED)",
}
_REFUSALS: dict[type[psycopg.Error], Outcome] = {
    psycopg.errors.QueryCanceled: "timed_out",
    psycopg.errors.LockNotAvailable: "locked",
    psycopg.errors.InsufficientPrivilege: "not_permitted",
}

# Other statements of ours that are running, and how much of the connections is used.
_LOAD = text("""
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = current_user
            AND pid <> pg_backend_pid()) AS active,
        (SELECT sum(numbackends) FROM pg_stat_database)::float8 / greatest(1,
            current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int) AS used
""")


class Tending:
    """Tends tables of one database; `server` is its major version."""

    def __init__(self, engine: Engine, server: int) -> None:
        self._engine = engine
        self._may = _MAY if server >= 17 else _MAY_16

    def is_busy(self, active: int, used: float) -> bool:
        """Tell whether so many statements are running, or that share of the connections is used."""
        with naming_failures(), self._engine.connect() as connection:
            load = connection.execute(_LOAD).one()
        return bool(load.active >= active or load.used >= used)

    def tend(self, table: str, remedy: Remedy, seconds: float) -> Tended:
        """Do it within `seconds`; return what came of it. `table` is its name, quoted by the server.

        Safe to repeat. Raises StoreUnavailable if the server is away.
        """
        began = time.monotonic()
        with naming_failures(), self._engine.connect() as pooled:
            connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
            before = connection.execute(self._may, {"name": table}).one_or_none()
            if before is None:
                # It was dropped meanwhile: nothing is left to do.
                return Tended(table=table, remedy=remedy, outcome="done")
            with _within(connection, seconds):
                outcome = _done(connection, table, remedy, before)
            after = connection.execute(self._may, {"name": table}).one_or_none() or before
        if outcome == "done" and not _counted(remedy, before, after):
            outcome = "locked"
        if outcome == "done" and remedy == "vacuum" and after.dead > before.dead / 2:
            outcome = "held_back"
        return Tended(
            table=table,
            remedy=remedy,
            outcome=outcome,
            seconds=round(time.monotonic() - began, 3),
            before=before.dead,
            after=after.dead,
        )


def _done(
    connection: Connection, table: str, remedy: Remedy, before: Row[tuple[object, ...]]
) -> Outcome:
    try:
        if before.may:
            connection.exec_driver_sql(f"{_STATEMENTS[remedy]} {table}")
        elif remedy == "analyze" and before.analysed_by_owner:
            connection.execute(_BY_OWNER, {"table": before.table})
        else:
            return "not_permitted"
    except DBAPIError as error:
        refused = _REFUSALS.get(type(error.orig))  # type: ignore[arg-type]
        if refused is None:
            raise
        return refused
    return "done"


@contextmanager
def _within(connection: Connection, seconds: float) -> "Iterator[None]":
    """Limits hold in the block; the session goes back to others as it was."""
    connection.execute(_LIMITS, {"milliseconds": str(max(1, round(1000 * seconds)))})
    try:
        yield
    finally:
        if not connection.invalidated:
            for name in ("statement_timeout", "lock_timeout", "vacuum_cost_delay"):
                connection.exec_driver_sql(f"RESET {name}")


def _counted(
    remedy: Remedy, before: Row[tuple[object, ...]], after: Row[tuple[object, ...]]
) -> bool:
    """Whether the server has counted it: a table that somebody holds is passed over without an error."""
    if remedy == "vacuum":
        return bool(after.vacuums > before.vacuums)
    return bool(after.analyses > before.analyses)
