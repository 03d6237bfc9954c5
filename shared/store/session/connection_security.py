"""Whether the sessions of this worker with the database are encrypted, as the server sees it."""

from typing import NamedTuple

from sqlalchemy import Engine

from shared.store.session.sessions import ask_as_operator


class ConnectionSecurity(NamedTuple):
    """`version` is that of TLS, None without it; `local`: by a socket of this machine, no network."""

    version: str | None
    local: bool


def connection_security(engine: Engine) -> ConnectionSecurity:
    """Return how one session of the pool is protected. Raises StoreUnavailable."""
    query = """
        SELECT version, inet_server_addr() IS NULL AS local
        FROM pg_stat_ssl WHERE pid = pg_backend_pid()
    """
    [row] = ask_as_operator(engine, query, ())
    return ConnectionSecurity(row.version, row.local)
