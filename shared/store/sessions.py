"""Transactions: for one tenant under row-level security, or for the operator's control tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.core.errors import StoreUnavailable

_SET_TENANT = text("SELECT set_config('kanri.tenant_id', :tenant, true)")
_SET_TENANT_AND_TIMEOUT = text(
    "SELECT set_config('kanri.tenant_id', :tenant, true), set_config('statement_timeout', :timeout, true)"
)
_SET_OPERATOR = text("SELECT set_config('kanri.scope', 'operator', true)")

# Trouble that passes: the server is away or restarting, a lock or a statement took too long, two
# transactions met. Anything else is a bug of ours and stays what it is.
_PASSING = (psycopg.OperationalError, psycopg.InterfaceError)


@contextmanager
def tenant_session(
    engine: Engine, tenant_id: UUID, *, timeout: str | None = None
) -> Iterator[Connection]:
    """One transaction that sees and writes rows of `tenant_id` only.

    `timeout` limits each statement, like `20s`; without it the engine's limit holds. Commits at the
    end of the block, rolls back on any error. Raises StoreUnavailable when the server cannot be
    reached or gives up on a statement.
    """
    with _transaction(engine) as connection:
        if timeout is None:
            connection.execute(_SET_TENANT, {"tenant": str(tenant_id)})
        else:
            values = {"tenant": str(tenant_id), "timeout": timeout}
            connection.execute(_SET_TENANT_AND_TIMEOUT, values)
        yield connection


@contextmanager
def operator_session(engine: Engine) -> Iterator[Connection]:
    """One transaction over the control tables of all tenants; it sees no row of any dataset."""
    with _transaction(engine) as connection:
        connection.execute(_SET_OPERATOR)
        yield connection


def cursor(connection: Connection) -> psycopg.Cursor[tuple[object, ...]]:
    """Return a bare psycopg cursor in the transaction of `connection`, for COPY and arrays."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  (the engine is opened for psycopg)
    return driver.cursor()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection, _dropping_broken(connection), connection.begin():
            yield connection
    except PoolTimeoutError as error:
        raise StoreUnavailable("store_busy") from error
    except DBAPIError as error:
        if isinstance(error.orig, _PASSING):
            raise _unavailable(error.orig) from error
        raise
    except _PASSING as error:
        raise _unavailable(error) from error


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


def _unavailable(error: BaseException) -> StoreUnavailable:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return StoreUnavailable("store_slow")
    reason = getattr(error, "sqlstate", None) or type(error).__name__
    return StoreUnavailable("store_unavailable", reason=reason)
