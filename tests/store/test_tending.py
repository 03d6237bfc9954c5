"""VACUUM and ANALYZE by the application's role: what it may, within limits, and said honestly if not."""

import psycopg
import pytest
from sqlalchemy import Engine, text

from infra.local.postgres import Postgres
from shared.store.optimization.tending import Tending
from tests.fixtures.ailing import WIDE, owning, plant
from tests.store.conftest import PASSWORD, ROLE

pytestmark = pytest.mark.stack

PLANTED = "data.planted"


@pytest.fixture
def tending(engine: Engine, owner_url: str) -> Tending:
    with psycopg.connect(owner_url) as owner:
        server = owner.info.server_version // 10_000
    if server < 17:
        pytest.skip("before PostgreSQL 17 there is no right to VACUUM what one does not own")
    return Tending(engine, server)


def ailing(url: str) -> None:
    with owning(url) as owner:
        plant(owner, ROLE, 5000)
        owner.execute("DELETE FROM data.planted WHERE id <= 3000")


def test_dead_rows_are_cleared_and_statistics_made(tending: Tending, owner_url: str) -> None:
    ailing(owner_url)
    done = tending.tend(PLANTED, "vacuum", 60)
    assert (done.outcome, done.before, done.after) == ("done", 3000, 0)
    with psycopg.connect(owner_url) as owner:
        counted = """
            SELECT vacuum_count, analyze_count, n_mod_since_analyze FROM pg_stat_user_tables
            WHERE relid = 'data.planted'::regclass
        """
        assert owner.execute(counted).fetchone() == (1, 1, 0)


@pytest.mark.parametrize("table", ["data.visits", "data.people", "kanri.work_state"])
def test_tables_of_the_application_are_analysed(tending: Tending, table: str) -> None:
    assert tending.tend(table, "analyze", 60).outcome == "done"


@pytest.mark.parametrize(
    "table", ["data_parts.visits_default", "kanri.audit_events", "kanri.schema_version"]
)
def test_what_the_role_may_not_touch_is_left_and_said(tending: Tending, table: str) -> None:
    assert tending.tend(table, "vacuum", 60).outcome == "not_permitted"


def test_nobody_is_waited_for(tending: Tending, owner_url: str) -> None:
    ailing(owner_url)
    with psycopg.connect(owner_url) as owner:
        owner.execute("LOCK TABLE data.planted IN SHARE UPDATE EXCLUSIVE MODE")
        done = tending.tend(PLANTED, "vacuum", 60)
    assert (done.outcome, done.after) == ("locked", 3000)


def test_rows_that_an_old_transaction_may_see_are_held_back(
    tending: Tending, owner_url: str
) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 5000)
    with psycopg.connect(owner_url) as old:
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM data.planted")
        with owning(owner_url) as owner:
            owner.execute("DELETE FROM data.planted WHERE id <= 3000")
        done = tending.tend(PLANTED, "vacuum", 60)
    assert (done.outcome, done.after) == ("held_back", 3000)


def test_a_run_has_an_end_and_the_session_is_as_before(
    tending: Tending, engine: Engine, owner_url: str
) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 20_000, WIDE)
        owner.execute("DELETE FROM data.planted WHERE id <= 15000")
    assert tending.tend(PLANTED, "vacuum", 0.001).outcome == "timed_out"
    with engine.connect() as connection:
        settings = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
        assert connection.execute(text(settings)).one() == ("1min", "5s")
        shown = connection.execute(text("SELECT txid_current_if_assigned(), now()")).one()
        assert shown[1] == connection.execute(text("SELECT now()")).scalar_one(), "no autocommit"


def test_a_table_that_is_gone_needs_nothing(tending: Tending) -> None:
    assert tending.tend("data.gone", "vacuum", 60).outcome == "done"


def test_before_17_only_the_owners_function_analyses(
    tending: Tending, engine: Engine, owner_url: str
) -> None:
    """The right is not asked for, as a server of 16 would not know it."""
    ailing(owner_url)
    older = Tending(engine, 16)
    assert older.tend(PLANTED, "vacuum", 60).outcome == "not_permitted"
    assert older.tend(PLANTED, "analyze", 60).outcome == "done"
    assert older.tend("data.visits", "analyze", 60).outcome == "not_permitted"


def test_a_busy_database_is_told(tending: Tending) -> None:
    assert tending.is_busy(active=0, used=1.0)
    assert tending.is_busy(active=1000, used=0.0)
    assert not tending.is_busy(active=1000, used=1.0)


def test_the_right_to_vacuum_is_given_only_where_every_row_may_be_deleted_anyway(
    tending: Tending, postgres_server: Postgres, database: str
) -> None:
    query = """
        SELECT format('%I.%I', n.nspname, c.relname),
            has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND has_table_privilege(c.oid, 'MAINTAIN')
    """
    with psycopg.connect(postgres_server.url(database, ROLE, PASSWORD)) as app:
        found: dict[str, bool] = dict(app.execute(query).fetchall())
        assert len(found) > 20
        assert [name for name, whole in found.items() if not whole] == []
        assert not [name for name in found if name.startswith("data_parts.")]
        assert "kanri.audit_events" not in found
