"""A chain that is long and old, storage of the test's own, and the owner of the database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Never
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.control.audit_heads import AuditHeads
from shared.core import clock
from shared.core.audit import ChainedEvent
from shared.core.settings import Settings, StoragePlace
from shared.identity.storage import open_blobs, open_tables
from shared.store.registers.tenants import Tenants
from shared.usecases.doors import WorkDoors
from shared.vault.archive import Archive
from tests.fixtures.audited import chain_of
from tests.usecases.archived.archiving import JANUARY, RING, TENANT, tell


def no_graph(_: UUID) -> Never:
    raise AssertionError("moving events asks Graph nothing")


@pytest.fixture
def doors(app_engine: Engine, app_settings: Settings, azurite: str) -> WorkDoors:
    """Doors with storage of the test's own."""
    place, own = StoragePlace(azurite), f"own{uuid4().hex}"
    archive = Archive(open_blobs(place, app_settings), own)
    heads = AuditHeads(open_tables(place, app_settings), own)
    Tenants(app_engine).add(TENANT, "Contoso")
    return WorkDoors(
        engine=app_engine,
        graph=no_graph,
        slice_seconds=60,
        audit_heads=lambda: heads,
        archive=lambda: archive,
        keyring=lambda: RING,
    )


@pytest.fixture
def chain(doors: WorkDoors) -> list[ChainedEvent]:
    """Ten events of January and February 2024, and two of now."""
    old = [JANUARY + timedelta(days=n, microseconds=7) for n in range(10)]
    tell(doors, *old, clock.now(), clock.now())
    return chain_of(doors.engine, TENANT)


@pytest.fixture
def owner(app_engine: Engine, postgres_server: Postgres) -> Callable[[str], None]:
    """Run a statement as the database's owner, whom no trigger stops."""

    def run(statement: str) -> None:
        with psycopg.connect(postgres_server.url(str(app_engine.url.database))) as session:
            session.execute("SET session_replication_role = replica")
            session.execute(statement.encode())

    return run
