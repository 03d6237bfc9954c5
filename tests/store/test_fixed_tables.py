"""A fixed table is declared once, beside its repository: all else follows from the declaration."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Column, Table, Text, Uuid, delete, insert, select
from sqlalchemy.exc import DBAPIError

from infra.local.postgres import Postgres
from infra.local.repository import ROOT
from shared.store.registers.purge import purge_steps
from shared.store.registers.tenants import Tenants
from shared.store.schema.additions import ColumnRetyped
from shared.store.schema.fixed_tables import fixed_tables
from shared.store.schema.metadata import EVERYBODY_READS, METADATA, SCHEMA, when_made
from shared.store.schema.migrate import migrate
from shared.store.session.sessions import operator_session, tenant_session
from tests.store.catalogue import COLLECTORS
from tests.store.conftest import PASSWORD, READER, ROLE
from tests.store.tenant_data import TenantData

pytestmark = pytest.mark.stack


def again(url: str) -> None:
    migrate(
        url,
        app_role=ROLE,
        app_password=None,
        reader_role=READER,
        collectors=COLLECTORS.values(),
        reports=(),
    )


@pytest.fixture
def declared() -> Iterator[None]:
    """Whatever a test declares is forgotten at its end."""
    known = set(METADATA.tables)
    yield
    for name in set(METADATA.tables) - known:
        METADATA.remove(METADATA.tables[name])


@pytest.fixture
def notes(declared: None, owner_url: str) -> Table:
    """A table that holds a tenant's data, in a database that was there before it."""
    table = Table(
        "notes",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("note", Text, primary_key=True),
    )
    when_made(table, "SET (fillfactor = 70)")
    again(owner_url)
    return table


def test_a_table_of_tenants_is_protected_and_purged_although_nothing_names_it(
    notes: Table, tenant: TenantData, postgres_server: Postgres, database: str
) -> None:
    other = TenantData(tenant.engine, "Fabrikam")
    for each in (tenant, other):
        with tenant_session(each.engine, each.tenant_id) as connection:
            connection.execute(insert(notes).values(tenant_id=each.tenant_id, note="mine"))
    for each in (tenant, other):
        with tenant_session(each.engine, each.tenant_id) as connection:
            seen = connection.execute(select(notes.c.tenant_id)).scalars().all()
            assert seen == [each.tenant_id]
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as nobody:
        assert nobody.execute("SELECT * FROM kanri.notes").fetchall() == []
        nobody.execute("SELECT set_config('kanri.tenant_id', %s, false)", [str(other.tenant_id)])
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            nobody.execute("INSERT INTO kanri.notes VALUES (%s, 'theirs')", [tenant.tenant_id])
    Tenants(tenant.engine).set_state(tenant.tenant_id, "removed")
    list(purge_steps(tenant.engine, tenant.tenant_id))
    with operator_session(tenant.engine) as connection:
        left = connection.execute(select(notes.c.tenant_id)).scalars().all()
    assert left == [other.tenant_id]


def test_a_table_of_nobody_is_the_operators(
    declared: None, tenant: TenantData, owner_url: str
) -> None:
    rooms = Table("rooms", METADATA, Column("room", Text, primary_key=True))
    again(owner_url)
    with operator_session(tenant.engine) as connection:
        connection.execute(insert(rooms).values(room="attic"))
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        assert connection.execute(select(rooms)).all() == []
        assert connection.execute(delete(rooms)).rowcount == 0


def test_a_table_that_everybody_reads_is_written_by_the_operator_alone(
    declared: None, tenant: TenantData, owner_url: str
) -> None:
    name = Column("board", Text, primary_key=True)
    boards = Table("boards", METADATA, name, info=EVERYBODY_READS)
    again(owner_url)
    with operator_session(tenant.engine) as connection:
        connection.execute(insert(boards).values(board="departures"))
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        assert connection.execute(select(boards)).all() == [("departures",)]
        assert connection.execute(delete(boards)).rowcount == 0
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        tenant_session(tenant.engine, tenant.tenant_id) as connection,
    ):
        connection.execute(insert(boards).values(board="arrivals"))


def test_what_a_declaration_gets_more_is_added_to_rows_that_stay(
    notes: Table, tenant: TenantData, owner_url: str
) -> None:
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        connection.execute(insert(notes).values(tenant_id=tenant.tenant_id, note="old"))
    METADATA.remove(notes)
    grown = Table(
        "notes",
        METADATA,
        *(Column(column.name, column.type, primary_key=True) for column in notes.columns),
        Column("colour", Text, nullable=False, server_default="white"),
        Column("pages", Text, index=True),
    )
    again(owner_url)
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        assert connection.execute(select(grown.c.note, grown.c.colour, grown.c.pages)).all() == [
            ("old", "white", None)
        ]
    with psycopg.connect(owner_url) as owner:
        found = owner.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'notes' ORDER BY 1"
        ).fetchall()
        assert found == [("ix_kanri_notes_pages",), ("notes_pkey",)]
        options = "SELECT reloptions FROM pg_class WHERE oid = 'kanri.notes'::regclass"
        assert owner.execute(options).fetchone() == (["fillfactor=70"],)


def test_a_column_of_a_fixed_table_is_never_retyped(notes: Table, owner_url: str) -> None:
    METADATA.remove(notes)
    Table("notes", METADATA, Column("tenant_id", Uuid, primary_key=True), Column("note", Uuid))
    with pytest.raises(ColumnRetyped, match=r"notes\.note"):
        again(owner_url)


def test_every_table_there_is_has_been_declared_and_is_protected(owner_url: str) -> None:
    """`schema_version` is Alembic's own; the application may not write it."""
    query = """
        SELECT relname, relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
        FROM pg_class c WHERE relnamespace = CAST(%s AS regnamespace) AND relkind IN ('r', 'p')
            AND relname <> 'schema_version'
    """
    with psycopg.connect(owner_url) as owner:
        found: dict[str, bool] = dict(owner.execute(query, [SCHEMA]).fetchall())
    assert found == dict.fromkeys((table.name for table in fixed_tables()), True)


def test_the_scan_finds_every_table_in_a_process_that_has_imported_none() -> None:
    program = (
        "from shared.store.schema.fixed_tables import fixed_tables\n"
        "print(*[table.name for table in fixed_tables()])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == [table.name for table in fixed_tables()]


def test_instants_of_every_fixed_table_have_a_zone() -> None:
    instants = [c for table in fixed_tables() for c in table.columns if "TIMESTAMP" in str(c.type)]
    assert instants
    assert all(column.type.timezone for column in instants)  # type: ignore[attr-defined]
