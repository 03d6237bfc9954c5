"""Migrations: repeatable, safe together, additive."""

from concurrent.futures import ThreadPoolExecutor
from copy import replace
from datetime import timedelta

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.core.collector import Collector, Column
from shared.store.registers.health import Health, newest_version
from shared.store.schema.additions import ColumnRetyped
from shared.store.schema.fixed_tables import fixed_tables
from shared.store.schema.metadata import METADATA
from shared.store.schema.migrate import migrate
from shared.store.session.engine import sqlalchemy_url
from tests.store.catalogue import COLLECTORS, PEOPLE, REPORTS
from tests.store.conftest import READER, ROLE
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack


def again(url: str, *collectors: Collector) -> None:
    migrate(
        url,
        app_role=ROLE,
        app_password=None,
        reader_role=READER,
        collectors=collectors or COLLECTORS.values(),
        reports=() if collectors else REPORTS,
    )


def catalogue_of(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("""
            SELECT table_schema, table_name, column_name, data_type
            FROM information_schema.columns
            WHERE table_schema IN ('kanri', 'data', 'data_parts', 'reporting') ORDER BY 1, 2, 3
        """).fetchall()


def test_a_second_migration_changes_nothing(owner_url: str) -> None:
    before = catalogue_of(owner_url)
    assert len(before) > 100
    again(owner_url)
    assert catalogue_of(owner_url) == before


def test_several_migrations_at_once_agree(
    empty_database: str, owner_url: str, small_template: str
) -> None:
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(again, empty_database) for _ in range(4)]:
            done.result(300)
    assert catalogue_of(empty_database) == catalogue_of(owner_url)


def test_new_columns_and_searches_are_added_to_rows_that_stay(
    owner_url: str, tenant: TenantData
) -> None:
    tenant.load("people", page("people", [{"id": "a", "name": "Ann"}]))
    grown = replace(PEOPLE, columns=(*PEOPLE.columns, Column("town", "town", search="prefix")))
    again(owner_url, replace(grown, dataset="people"))
    with psycopg.connect(owner_url) as connection:
        row = connection.execute("SELECT id, name, town FROM data.people").fetchone()
        assert row == ("a", "Ann", None)
        index = connection.execute("SELECT to_regclass('data.people_town')").fetchone()
        assert index != (None,)


def test_a_column_is_never_retyped(owner_url: str) -> None:
    columns = tuple(
        replace(column, type="text") if column.name == "age" else column
        for column in PEOPLE.columns
    )
    with pytest.raises(ColumnRetyped, match=r"people\.age"):
        again(owner_url, replace(PEOPLE, columns=columns, dataset="people"))


def test_the_metadata_is_what_the_migrations_made(engine: Engine, owner_url: str) -> None:
    from sqlalchemy import create_engine

    owner = create_engine(sqlalchemy_url(owner_url))
    with owner.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == "kanri",
                "version_table": "schema_version",
                "version_table_schema": "kanri",
            },
        )
        assert len(fixed_tables()) >= 10
        found = compare_metadata(context, METADATA)
    owner.dispose()
    assert found == []


def test_health_knows_the_version(engine: Engine, postgres_server: Postgres) -> None:
    health = Health(engine).check()
    assert (health["reachable"], health["schema_current"]) == (True, True)
    assert newest_version() == "0002"


def test_ends_of_versions_are_thought_to_be_few(tenant: TenantData, owner_url: str) -> None:
    """Of millions of them a look-up would seem to cost thousands of pages; `tests.perf asof` shows what then."""
    people = [{"id": f"{number}"} for number in range(30)]
    for hour in range(4):
        changed = [{**one, "name": f"{hour}"} for one in people]
        tenant.load("people", page("people", changed), at=T0 + timedelta(hours=hour))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE data.people")
        ends = owner.execute("SELECT count(DISTINCT valid_until) FROM data.people").fetchone()
        found = owner.execute(
            "SELECT n_distinct FROM pg_stats WHERE tablename = 'people' AND attname = 'valid_until'"
        ).fetchall()
    assert (ends, found) == ((4,), [(2.0,)])
