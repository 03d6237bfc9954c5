"""Transactions: for one tenant under row-level security, or for the operator's control tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.core.errors import StoreUnavailable
from shared.core.stopwatch import in_session

type Session = psycopg.Connection[tuple[object, ...]]

# Trouble that passes: the server is away or restarting, a lock or a statement took too long, two
# transactions met. All else is a bug of ours and stays one; so is what is too large for it (class 54).
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError)
_BEYOND_LIMITS = "54"

# What goes down one pipeline is one round trip. Values travel beside the text, never in it: what is in
# the text comes to stand in the server's log and in pg_stat_statements.
BIND = "SELECT set_config('kanri.tenant_id', %s, true), set_config('kanri.scope', %s, true)"
_OPEN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_FOR_SNAPSHOT = """
    SELECT set_config('kanri.tenant_id', %s, true), set_config('statement_timeout', %s, true)
"""

# Statements of one pipeline, without a BEGIN, are one transaction.
_AS_OPERATOR = "SELECT set_config('kanri.scope', 'operator', true)"
_AS_OPERATOR_LOSABLE = """
    SELECT set_config('kanri.scope', 'operator', true),
        set_config('synchronous_commit', 'off', true)
"""
_AS_OPERATOR_BRIEFLY = _AS_OPERATOR_LOSABLE + ", set_config('lock_timeout', '500ms', true)"
_AS_TENANT = """
    SELECT set_config('kanri.tenant_id', %(tenant)s::text, true) AS tenant,
        set_config('synchronous_commit',
            CASE WHEN %(durable)s THEN current_setting('synchronous_commit') ELSE 'off' END, true)
            AS durable
"""

_closing: ContextVar[Callable[[Connection], None] | None] = ContextVar("closing", default=None)
WHOLE: ContextVar["Whole | None"] = ContextVar("whole", default=None)


@contextmanager
def closing_with(write: Callable[[Connection], None]) -> Iterator[None]:
    """Have `write` called as the last thing of each session in the block that is about to commit.

    What it raises rolls back. Single statements (`ask_as_operator`, `ask_as_tenant`) are left alone.
    """
    token = _closing.set(write)
    try:
        yield
    finally:
        _closing.reset(token)


class Binding(NamedTuple):
    """Whose rows a transaction sees: of a tenant, or in the scope of the operator; '' is none."""

    tenant: str = ""
    scope: str = ""


class Whole:
    """A transaction that sessions are parts of (`joining`), and what it is `bound` to at the moment."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self.engine, self.connection = engine, connection
        self.bound = Binding()


@contextmanager
def tenant_session(engine: Engine, tenant_id: UUID) -> Iterator[Connection]:
    """One transaction that sees and writes rows of `tenant_id` only.

    Commits at the end of the block, rolls back on any error. Raises StoreUnavailable when the
    server cannot be reached or gives up on a statement.
    """
    with transaction(engine, Binding(tenant=str(tenant_id))) as connection:
        yield connection


@contextmanager
def tenant_snapshot(engine: Engine, tenant_id: UUID, *, timeout: str) -> Iterator[Session]:
    """One transaction that reads rows of `tenant_id` as they all stood at its first statement.

    `timeout` limits each statement, like `20s`. Raises StoreUnavailable as `tenant_session` does.
    """
    with borrowed(engine) as session:
        with session.pipeline():
            open_snapshot(session, tenant_id, timeout)
        yield session


def open_snapshot(session: Session, tenant_id: UUID, timeout: str) -> None:
    """Open on a borrowed session what `tenant_snapshot` is; in a pipeline, so that it goes along with more."""
    session.execute(_OPEN_SNAPSHOT)
    session.execute(_FOR_SNAPSHOT, [str(tenant_id), timeout])


def ask_as_operator(
    engine: Engine,
    query: LiteralString,
    values: Sequence[object] | Mapping[str, object],
    *,
    durable: bool = True,
) -> list[Any]:
    """Return the rows (named tuples) of one query over the control tables, in one round trip.

    What is not `durable` may be lost when the server crashes, and does not wait for its disk.
    Raises StoreUnavailable as `tenant_session` does.
    """
    return _ask(engine, _AS_OPERATOR if durable else _AS_OPERATOR_LOSABLE, None, query, values)


def ask_briefly_as_operator(
    engine: Engine, query: LiteralString, values: Sequence[Mapping[str, object]]
) -> list[Any]:
    """Return the row (a named tuple) of one query over the control tables for each of `values`.

    One transaction and one round trip, in that order; it waits for a lock for half a second at most,
    and not for the disk. Raises StoreUnavailable as `tenant_session` does.
    """
    with borrowed(engine) as session:
        asking = [session.cursor(row_factory=namedtuple_row) for _ in values]
        with session.pipeline():
            session.execute(_AS_OPERATOR_BRIEFLY)
            for one, given in zip(asking, values, strict=True):
                one.execute(query, given)
        return [one.fetchone() for one in asking]


def ask_as_tenant(
    engine: Engine,
    tenant_id: UUID,
    query: LiteralString,
    values: Mapping[str, object],
    *,
    durable: bool = True,
) -> list[Any]:
    """Return the rows (named tuples) of one statement for a tenant, in one round trip.

    It names its values `%(name)s`; `tenant` is among them. What is not `durable` may be lost when
    the server crashes, and does not wait for its disk. Raises StoreUnavailable as `tenant_session`
    does.
    """
    binding = {"tenant": tenant_id, "durable": durable}
    return _ask(engine, _AS_TENANT, binding, query, {**values, "tenant": tenant_id})


def _ask(
    engine: Engine,
    bind: LiteralString,
    binding: Mapping[str, object] | None,
    query: LiteralString,
    values: Sequence[object] | Mapping[str, object],
) -> list[Any]:
    with borrowed(engine) as session:
        asking = session.cursor(row_factory=namedtuple_row)
        with session.pipeline():
            session.execute(bind, binding)
            asking.execute(query, values)
        return asking.fetchall() if asking.description else []


@contextmanager
def operator_session(engine: Engine) -> Iterator[Connection]:
    """One transaction over the control tables of all tenants; it sees no row of any dataset."""
    with transaction(engine, Binding(scope="operator")) as connection:
        yield connection


def cursor(connection: Connection) -> psycopg.Cursor[tuple[object, ...]]:
    """Return a bare psycopg cursor in the transaction of `connection`, for COPY and arrays."""
    return driver_of(connection).cursor()


@contextmanager
def transaction(engine: Engine, binding: Binding) -> Iterator[Connection]:
    """One transaction bound to `binding`, or the part of one that the block stands in (`joining`)."""
    whole = WHOLE.get()
    if whole is not None and whole.engine is engine:
        from shared.store.session.joining import part_of

        with naming_failures(), part_of(whole, binding) as connection:
            yield connection
        return
    with (
        in_session(),
        naming_failures(),
        engine.connect() as connection,
        _dropping_broken(connection),
        connection.begin(),
    ):
        if any(binding):
            driver_of(connection).execute(BIND, binding)
        yield connection
        if (write := _closing.get()) is not None:
            write(connection)


def driver_of(connection: Connection) -> Session:
    """Return the session of psycopg behind `connection`, in its transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  (the engine is opened for psycopg)
    return driver


@contextmanager
def borrowed(engine: Engine) -> Iterator[Session]:
    """A pooled session that opens no transaction by itself; what is open at the end is committed.

    An error rolls back, and psycopg then forgets what the session keeps prepared.
    """
    with in_session(), naming_failures():
        borrowed = engine.raw_connection()
        try:
            session = borrowed.driver_connection
            assert isinstance(session, psycopg.Connection)  # noqa: S101  (opened for psycopg)
            session.autocommit = True
            yield session
            session.commit()
        finally:
            _give_back(borrowed)


def _give_back(borrowed: PoolProxiedConnection) -> None:
    session = borrowed.driver_connection
    assert isinstance(session, psycopg.Connection)  # noqa: S101  (opened for psycopg)
    try:
        session.rollback()
        session.autocommit = False
    except _PASSING:
        borrowed.invalidate()
        raise
    finally:
        borrowed.close()


@contextmanager
def naming_failures() -> Iterator[None]:
    """Raise StoreUnavailable for trouble of the database in the block that passes."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreUnavailable("store_busy") from error
    except DBAPIError as error:
        if _passes(error.orig):
            raise _unavailable(error.orig) from error
        raise
    except _PASSING as error:
        if _passes(error):
            raise _unavailable(error) from error
        raise


@contextmanager
def _dropping_broken(connection: Connection) -> Iterator[None]:
    """Keep a session that broke under a bare cursor out of the pool; SQLAlchemy did not see it."""
    try:
        yield
    except _PASSING:
        driver = connection.connection.driver_connection
        if isinstance(driver, psycopg.Connection) and driver.closed:
            connection.invalidate()
        raise


def _passes(error: BaseException | None) -> bool:
    limit = (getattr(error, "sqlstate", None) or "").startswith(_BEYOND_LIMITS)
    return isinstance(error, _PASSING) and not limit


def _unavailable(error: BaseException | None) -> StoreUnavailable:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return StoreUnavailable("store_slow")
    reason = getattr(error, "sqlstate", None) or type(error).__name__
    return StoreUnavailable("store_unavailable", reason=reason)
