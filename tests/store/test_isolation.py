"""No session sees or writes a row of another tenant: every table and view there is, from the catalog."""

from uuid import uuid4

import psycopg
import pytest
from psycopg import errors, sql

from infra.local.postgres import Postgres
from shared.core.query import Match
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
        each.load("teams", page("teams", [{"id": key}]))
        each.load("members", page("members", [{"id": key}], parents=[key]))
        visit = {"id": key, "happenedAt": T0, "personId": key}
        each.load("visits", page("visits", [visit]))
        each.load("usage", page("usage", [{"id": key, "used": 1}], day=T0.date()))
        run = each.open("people")
        rows = page("people", [{"id": key, "name": "Someone"}])
        each.loader("people").apply(run, rows, observed_at=T0, checkpoint=None, track_seen=True)
    with psycopg.connect(owner_url) as connection:
        for each in (tenant, other):
            connection.execute(
                "INSERT INTO kanri.budgets VALUES ('app', %s, 'x', now(), now())",
                [each.tenant_id],
            )
        connection.execute(
            "INSERT INTO kanri.api_keys VALUES (%s, 'k', 'test', '\\x01', '{}', NULL, now())",
            [uuid4()],
        )
        connection.execute(
            "INSERT INTO kanri.dead_letters (queue, body, cause, received_at)"
            " VALUES ('q', 'b', 'c', now())"
        )
    return tenant, other


def seen(connection: psycopg.Connection, schema: str, name: str) -> str:
    """Everything a session reads of a relation, as text."""
    query = sql.SQL("SELECT coalesce(string_agg(t::text, ' '), '') FROM {}.{} t")
    row = connection.execute(query.format(sql.Identifier(schema), sql.Identifier(name))).fetchone()
    return str(row[0]) if row else ""


def test_a_session_sees_its_own_tenant_only(
    both: tuple[TenantData, TenantData], postgres_server: Postgres, database: str, owner_url: str
) -> None:
    own, other = (str(each.tenant_id) for each in both)
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
            assert seen(app, str(schema), str(name)) == "", name
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


def test_a_reader_sees_the_views_of_its_own_tenant(
    both: tuple[TenantData, TenantData], owner_url: str
) -> None:
    own, other = (str(each.tenant_id) for each in both)
    with psycopg.connect(owner_url) as reader:
        views = [name for schema, name, _ in reader.execute(RELATIONS) if schema == "reporting"]
        assert sorted(map(str, views)) == ["people", "usage", "visits"]
        reader.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(READER)))
        for name in views:
            reader.execute("SELECT set_config('kanri.tenant_id', '', false)")
            assert seen(reader, "reporting", str(name)) == ""
            reader.execute("SELECT set_config('kanri.tenant_id', %s, false)", [own])
            text = seen(reader, "reporting", str(name))
            assert own in text
            assert other not in text


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO data.teams (tenant_id, id, valid_from, content_hash, raw)
        VALUES (%(other)s, 'x', now(), '', '{}')""",
        "UPDATE data.teams SET tenant_id = %(other)s",
        "INSERT INTO kanri.dataset_state (tenant_id, dataset) VALUES (%(other)s, 'x')",
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
        assert app.execute("UPDATE kanri.tenants SET state = 'paused'").rowcount == 1


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
