"""No session sees or writes a row of another tenant: every table and view there is, from the catalog."""

from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql

from infra.local.postgres import Postgres
from shared.core import clock
from shared.core.query import Match
from shared.store.registers.legal_holds import LegalHolds
from shared.store.registers.purge import purge_steps
from shared.store.registers.tenants import Tenants
from shared.store.schema.fixed_tables import fixed_tables
from shared.store.schema.metadata import EVERYBODY_READS
from tests.store.any_row import fill_the_empty
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.conftest import PASSWORD, READER, ROLE
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack

RELATIONS = """
    SELECT n.nspname, c.relname,
        EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'tenant_id')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('kanri', 'data', 'reporting') AND c.relkind IN ('r', 'p', 'v')
        AND c.relname <> 'schema_version'
"""


@pytest.fixture
def both(tenant: TenantData, owner_url: str) -> tuple[TenantData, TenantData]:
    """Two tenants with a row in every table."""
    other = TenantData(tenant.engine, "Fabrikam")
    for each in (tenant, other):
        key = str(each.tenant_id)
        each.load("people", page("people", [{"id": key, "name": "Someone"}]))
        each.load("crews", page("crews", [{"id": key}]))
        each.load("members", page("members", [{"id": key}], parents=[key]))
        visit = {"id": key, "happenedAt": T0, "personId": key}
        each.load("visits", page("visits", [visit]))
        each.load("usage", page("usage", [{"id": key, "used": 1}], day=T0.date()))
        run = each.open("people")
        rows = page("people", [{"id": key, "name": "Someone"}])
        each.loader("people").apply(run, rows, observed_at=T0, checkpoint=None, track_seen=True)
    with psycopg.connect(owner_url) as connection:
        for each in (tenant, other):
            role = reader_of(each)
            create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}")
            names = sql.Identifier(role), sql.Literal(PASSWORD), sql.Identifier(READER)
            connection.execute(create.format(*names))
            values = [role, each.tenant_id]
            connection.execute("INSERT INTO kanri.readers VALUES (%s, %s)", values)
        connection.execute(
            "INSERT INTO kanri.api_keys (key_id, name, environment, digest, permissions, created_at)"
            " VALUES (%s, 'k', 'test', '\\x01', '{}', now())",
            [uuid4()],
        )
        connection.execute(
            "INSERT INTO kanri.memberships (membership_id, subject_kind, subject_id, role, created_at)"
            " VALUES (%s, 'key', %s, 'reader', now())",
            [uuid4(), uuid4()],
        )
        connection.execute(
            "INSERT INTO kanri.approvals (approval_id, action, params, effect, state, requested_by,"
            " requested_for, requested_at, expires_at)"
            " VALUES (%s, 'a', '{}', '{}', 'waiting', 'k', '{}', now(), now())",
            [uuid4()],
        )
        fill_the_empty(connection, [tenant.tenant_id, other.tenant_id])
    return tenant, other


def reader_of(tenant: TenantData) -> str:
    """The login role that reads the tenant's reports."""
    return f"reader_{tenant.tenant_id.hex}"


def seen(connection: psycopg.Connection, schema: str, name: str) -> str:
    """Everything a session reads of a relation, as text."""
    query = sql.SQL("SELECT coalesce(string_agg(t::text, ' '), '') FROM {}.{} t")
    row = connection.execute(query.format(sql.Identifier(schema), sql.Identifier(name))).fetchone()
    return str(row[0]) if row else ""


def test_a_session_sees_its_own_tenant_only(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, owner_url: str
) -> None:
    own, other = (str(each.tenant_id) for each in both)
    open_to_all = {table.name for table in fixed_tables() if table.info == EVERYBODY_READS}
    with psycopg.connect(owner_url) as owner:
        relations = owner.execute(RELATIONS).fetchall()
        assert len(relations) >= 15
        for schema, name, _ in relations:
            assert seen(owner, str(schema), str(name)) or schema == "reporting", name
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app:
        for schema, name, of_a_tenant in relations:
            if schema == "reporting":
                continue
            app.execute("SELECT set_config('kanri.tenant_id', '', false)")
            # What the deployment tells of itself names nobody.
            assert (seen(app, str(schema), str(name)) != "") == (name in open_to_all), name
            app.execute("SELECT set_config('kanri.tenant_id', %s, false)", [own])
            text = seen(app, str(schema), str(name))
            assert other not in text, name
            assert (own in text) == of_a_tenant, name


def test_the_operator_sees_control_tables_but_no_data(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, owner_url: str
) -> None:
    with psycopg.connect(owner_url) as owner:
        relations = owner.execute(RELATIONS).fetchall()
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app:
        app.execute("SELECT set_config('kanri.scope', 'operator', false)")
        for schema, name, _ in relations:
            if schema != "reporting":
                assert bool(seen(app, str(schema), str(name))) == (schema == "kanri"), name


def test_a_reader_sees_the_views_of_its_own_tenant_whatever_it_sets(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, owner_url: str
) -> None:
    own, other = (str(each.tenant_id) for each in both)
    with psycopg.connect(owner_url) as owner:
        views = [name for schema, name, _ in owner.execute(RELATIONS) if schema == "reporting"]
        assert sorted(map(str, views)) == ["people", "usage", "visits"]
        # Whoever no tenant is named for reads nothing, not even the owner.
        owner.execute("SELECT set_config('kanri.tenant_id', %s, false)", [own])
        assert [seen(owner, "reporting", str(name)) for name in views] == ["", "", ""]
    with psycopg.connect(postgres_server.url(database, reader_of(both[0]), PASSWORD)) as reader:
        for name in views:
            for setting in ("", own, other):
                reader.execute("SELECT set_config('kanri.tenant_id', %s, false)", [setting])
                text = seen(reader, "reporting", str(name))
                assert own in text
                assert other not in text


def test_a_reader_sees_nothing_but_the_views(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, owner_url: str
) -> None:
    """No table with whole objects of Graph, no control table, no function that goes by a setting."""
    with psycopg.connect(owner_url) as owner:
        relations = owner.execute(RELATIONS).fetchall()
    statements = [
        f'SELECT * FROM {schema}."{name}"' for schema, name, _ in relations if schema != "reporting"
    ]
    statements += [
        "SELECT kanri.search_current('people', 'name', '%')",
        "CREATE TABLE reporting.mine (id int)",
        "INSERT INTO reporting.people (id) VALUES ('x')",
    ]
    url = postgres_server.url(database, reader_of(both[0]), PASSWORD)
    with psycopg.connect(url, autocommit=True) as reader:
        reader.execute("SELECT set_config('kanri.tenant_id', %s, false)", [both[1].tenant_id.hex])
        for statement in statements:
            with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
                reader.execute(statement.encode())


def test_a_readers_function_sees_no_row_of_another_tenant(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str
) -> None:
    """A cheap function in its condition would be asked first, if the view were no barrier."""
    other = str(both[1].tenant_id)
    url = postgres_server.url(database, reader_of(both[0]), PASSWORD)
    with psycopg.connect(url, autocommit=True) as reader:
        notices: list[str] = []
        reader.add_notice_handler(lambda note: notices.append(note.message_primary or ""))
        reader.execute(
            """CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
            AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"""
        )
        reader.execute("SELECT id FROM reporting.people WHERE pg_temp.leak(id)")
        assert notices == [str(both[0].tenant_id)]
        assert other not in "".join(notices)


def test_a_reader_of_a_removed_tenant_sees_nothing(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str
) -> None:
    tenants = Tenants(both[0].engine)
    url = postgres_server.url(database, reader_of(both[0]), PASSWORD)
    with psycopg.connect(url, autocommit=True) as reader:
        assert seen(reader, "reporting", "people")
        tenants.set_state(both[0].tenant_id, "removed")
        assert seen(reader, "reporting", "people") == ""
    holds = LegalHolds(both[0].engine, both[0].tenant_id)
    for hold in holds.all():
        holds.lift(hold.hold_id, "test", clock.now())
    list(purge_steps(both[0].engine, both[0].tenant_id))
    with both[0].engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('kanri.scope', 'operator', true)")
        left = connection.exec_driver_sql("SELECT role_name FROM kanri.readers").scalars().all()
    assert left == [reader_of(both[1])]


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO data.crews (tenant_id, id, valid_from, content_hash, raw)
        VALUES (%(other)s, 'x', now(), '', '{}')""",
        "UPDATE data.crews SET tenant_id = %(other)s",
        "INSERT INTO kanri.work_state (tenant_id, kind, subject) VALUES (%(other)s, 'collect', 'x')",
    ],
)
def test_no_row_is_written_for_another_tenant(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, statement: str
) -> None:
    own, other = (each.tenant_id for each in both)
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app:
        app.execute("SELECT set_config('kanri.tenant_id', %s, false)", [str(own)])
        with pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
            app.execute(statement.encode(), {"other": other})


def test_another_tenants_rows_cannot_be_changed(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str
) -> None:
    own, other = (each.tenant_id for each in both)
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app:
        app.execute("SELECT set_config('kanri.tenant_id', %s, false)", [str(own)])
        assert app.execute("DELETE FROM data.people WHERE id = %s", [str(other)]).rowcount == 0
        assert app.execute("UPDATE kanri.tenants SET state = 'removed'").rowcount == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM data_parts.visits_default",
        "CREATE TABLE data.mine (id int)",
        "DROP TABLE data.people",
        "ALTER TABLE data.people DISABLE ROW LEVEL SECURITY",
        "DROP POLICY visible ON data.people",
        "UPDATE kanri.schema_version SET version_num = '0'",
        "SELECT kanri.ensure_partitions('people', '{2026-01-01}')",
    ],
)
def test_the_application_cannot_go_round_the_policies(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, statement: str
) -> None:
    with (
        psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app,
        pytest.raises((errors.InsufficientPrivilege, errors.UndefinedTable)),
    ):
        app.execute(statement.encode())


def test_search_and_reports_stay_within_the_tenant(both: tuple[TenantData, TenantData]) -> None:
    for each in both:
        where = Match("name", "contains", "SOMEONE")
        assert each.ask(PEOPLE_REPORT, where=where).rows == [(str(each.tenant_id),)]
