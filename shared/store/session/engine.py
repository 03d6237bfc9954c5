"""Opens the connection pool: a few sessions per worker, time-outs, password or Entra token."""

import selectors
import time
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.core.settings import Settings
from shared.store.session.server_trust import verified, with_roots

# jit costs more than it saves on queries of a few milliseconds. A page that is not in memory comes
# from flash, where one beside the last is hardly cheaper: to PostgreSQL's default of 4, made for disks
# that turn, reading a table with its whole history seems better than finding one instant's rows in it.
_SESSION_OPTIONS = (
    "-c statement_timeout=60s -c lock_timeout=5s -c idle_in_transaction_session_timeout=120s "
    "-c timezone=UTC -c datestyle=ISO -c jit=off -c random_page_cost=1.1"
)
_PING_AFTER_SECONDS = 5.0


def sqlalchemy_url(url: str) -> str:
    """Return a libpq URL (`postgresql://`) as SQLAlchemy wants it for psycopg 3.

    Where it verifies the server it gets the roots to do so.
    """
    parts = urlsplit(with_roots(url))
    return urlunsplit(parts._replace(scheme="postgresql+psycopg"))


def open_engine(settings: Settings, sessions: int | None = None) -> Engine:
    """Return an engine of at most `sessions`, else `pool_size`; nothing is connected yet.

    With Entra the server is verified whatever the URL says: it is about to be given a token.
    """
    entra = settings.database_auth == "entra"
    url = verified(settings.database_url) if entra else settings.database_url
    engine = create_engine(
        sqlalchemy_url(url),
        pool_size=sessions or settings.pool_size,
        max_overflow=0,
        pool_timeout=15,
        pool_recycle=1800,
        pool_use_lifo=True,
        use_native_hstore=False,
        # A failed statement is logged; its values may be somebody's name.
        hide_parameters=True,
        connect_args={
            "connect_timeout": 10,
            "application_name": "kanri",
            "options": _SESSION_OPTIONS,
        },
    )
    _replace_ended_sessions(engine)
    if entra:
        _sign_in_with_entra(engine, settings)
    return engine


def _replace_ended_sessions(engine: Engine) -> None:
    """Replace sessions that ended while idle. Only one that was idle for long costs a round trip."""

    @event.listens_for(engine, "checkin")
    def _note_time(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _check(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        idle_since = entry.info.get("idle_since")
        if idle_since is None:
            return
        idle_for_long = time.monotonic() - idle_since >= _PING_AFTER_SECONDS
        if _has_ended(connection) or (idle_for_long and not _answers(engine, connection)):
            raise DisconnectionError


def _has_ended(connection: DBAPIConnection) -> bool:
    """Whether the server has said good-bye: to an idle session it says nothing else."""
    if connection.closed:
        return True
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        return bool(selector.select(timeout=0))


def _answers(engine: Engine, connection: DBAPIConnection) -> bool:
    try:
        return bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False


def _sign_in_with_entra(engine: Engine, settings: Settings) -> None:
    """Give each new session a fresh token as its password; tokens live about an hour."""
    from shared.core.clouds import cloud_of
    from shared.identity.own_tokens import OwnTokens

    scope = f"{cloud_of(settings.authority_host).databases}/.default"
    own = OwnTokens(settings)

    @event.listens_for(engine, "do_connect")
    def _password(
        _dialect: object, _record: object, _arguments: object, parameters: dict[str, object]
    ) -> None:
        parameters["password"] = own.get_token(scope).token
