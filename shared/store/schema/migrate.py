"""Brings a database up to date: versions by Alembic, tables from their declarations, then grants."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from shared.core import registry
from shared.core.collector import Collector
from shared.core.logs import log
from shared.core.report import Report
from shared.store.schema.dataset_schema import synchronise
from shared.store.schema.fixed_tables import make_fixed_tables
from shared.store.schema.reporting_views import recreate_views
from shared.store.schema.roles import ensure_roles, grant
from shared.store.session.engine import sqlalchemy_url

# What optimising the database looks through. It says what it cannot see without them, so a server that
# does not have them, or an owner who may not create them, is no reason to stop.
_INSIGHT = (
    "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
    "CREATE EXTENSION IF NOT EXISTS pgstattuple",
)
_LOCK = 0x6B616E7269  # "kanri": one migration at a time per database


def migrate(
    owner_url: str,
    *,
    app_role: str,
    app_password: str | None,
    reader_role: str = "kanri_reader",
    collectors: Iterable[Collector] | None = None,
    reports: Iterable[Report] | None = None,
) -> None:
    """Create or update everything Kanri keeps in the database of `owner_url`; repeatable.

    The owner must own the database. `app_role` (and `reader_role`, which cannot log in) are created
    if missing; with `app_password` None the role must exist or sign in by Entra. Changes of tables
    are additive: a table, a column, an index; nothing is ever dropped or retyped. Callers
    that start together wait for one another. `collectors` and `reports` default to the catalogue.
    """
    if collectors is None:
        collectors = [registry.collector(dataset) for dataset in registry.kept()]
    if reports is None:
        reports = [registry.report(key) for key in registry.report_keys()]
    known = {collector.dataset: collector for collector in collectors}
    engine = create_engine(
        sqlalchemy_url(owner_url), poolclass=NullPool, connect_args={"options": "-c timezone=UTC"}
    )
    with engine.connect() as connection, _alone(engine):
        _upgrade(connection)
        with connection.begin():
            make_fixed_tables(connection)
            ensure_roles(connection, app_role, app_password, reader_role)
            synchronise(connection, known.values())
            recreate_views(connection, reports, known.__getitem__)
            grant(connection, app_role, reader_role)


def _configuration() -> Config:
    configuration = Config()
    folder = str(Path(__file__).with_name("migrations")).replace("%", "%%")
    configuration.set_main_option("script_location", folder)
    configuration.set_main_option("path_separator", "os")
    return configuration


def _upgrade(connection: Connection) -> None:
    with connection.begin():
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS kanri"))
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    for create in _INSIGHT:
        try:
            with connection.begin():
                connection.execute(text(create))
        except DBAPIError as error:
            log("extension_left_out", statement=create, cause=type(error.orig).__name__)
    configuration = _configuration()
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")
    connection.commit()


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold the database's migration lock in a session of its own; it ends with the session."""
    with engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        yield
