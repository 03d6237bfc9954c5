"""Sessions are cut and workers killed at any moment: the old state stands or the new, and work goes on."""

import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core.errors import StoreUnavailable
from shared.core.settings import Settings
from shared.store.registers.health import Health
from shared.store.session.engine import open_engine
from shared.store.session.sessions import cursor, tenant_session
from shared.store.work.run_records import Run
from tests.fixtures.children import child_process
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.conftest import PASSWORD, ROLE
from tests.store.tenant_data import T0, TenantData, minute, page

pytestmark = pytest.mark.stack

_CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = %s
"""


def cut_sessions(owner_url: str) -> int:
    """End every session of the application role, as a restart of the server does."""
    with psycopg.connect(owner_url) as owner:
        row = owner.execute(_CUT, [ROLE]).fetchone()
        return int(row[0]) if row else 0


def test_a_session_that_ended_while_idle_is_replaced_unseen(
    tenant: TenantData, owner_url: str
) -> None:
    run = tenant.open("people")
    loader = tenant.loader("people")
    loader.apply(run, page("people", [{"id": "a"}]), observed_at=T0, checkpoint={"next": 1})
    assert cut_sessions(owner_url) >= 1
    while cut_sessions(owner_url):
        time.sleep(0.01)
    counts = loader.apply(
        run, page("people", [{"id": "b"}]), observed_at=T0, checkpoint={"next": 2}
    )
    assert counts.inserted == 1
    assert tenant.ask(PEOPLE_REPORT).rows == [("a",), ("b",)]


def test_a_session_cut_below_a_bare_cursor_leaves_the_pool(
    tenant: TenantData, owner_url: str
) -> None:
    def cut_between_statements() -> None:
        with (
            tenant_session(tenant.engine, tenant.tenant_id) as connection,
            cursor(connection) as query,
        ):
            query.execute("SELECT 1")
            assert cut_sessions(owner_url) >= 1
            query.execute("SELECT 1")

    with pytest.raises(StoreUnavailable):
        cut_between_statements()
    assert tenant.ask(PEOPLE_REPORT).rows == []


def test_a_row_beyond_the_limits_of_the_server_is_no_outage(tenant: TenantData) -> None:
    """An index takes some 2,700 bytes: who were told to try again would try for ever."""
    endless = secrets.token_hex(5000)
    run = tenant.load("people", page("people", [{"id": "a", "mail": endless}, {"id": "b"}]))
    assert (run.counts.inserted, run.counts.rejected) == (1, 1)
    assert tenant.ask(PEOPLE_REPORT, "id").rows == [("b",)]


def test_an_unreachable_server_is_named_as_such() -> None:
    engine = open_engine(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    health = Health(engine).check()
    assert (health["reachable"], health["cause"]) == (False, "store_unavailable")
    engine.dispose()


def test_a_full_pool_is_named_as_such(tenant: TenantData, owner_url: str) -> None:
    """All sessions in use: the wait for one ends in an error, not in a hang."""
    engine = open_engine(Settings(database_url=owner_url, pool_size=1))
    engine.pool._timeout = 0.2  # type: ignore[attr-defined]
    with tenant_session(engine, tenant.tenant_id), pytest.raises(StoreUnavailable, match="busy"):
        TenantData(engine)
    engine.dispose()


WORKER = """
import sys
from uuid import UUID
from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from shared.store.datasets.loading import Loader
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from tests.store.catalogue import PEOPLE
from shared.core.messages import Claim
from tests.store.tenant_data import minute, page

url, tenant, run_id = sys.argv[1:]
engine = open_engine(Settings(database_url=url))
run = Runs(engine).open(Claim(kind="collect", tenant_id=tenant, subject="people", run_id=run_id), minute(0))
assert isinstance(run, Run), run
loader = Loader(engine, PEOPLE)
begun = place = (run.checkpoint or {}).get("next", 0)
while True:
    rows = page("people", [{"id": f"{place:05}-{n}", "name": "x" * 500} for n in range(50)])
    place += 1
    loader.apply(run, rows, observed_at=minute(1), checkpoint={"next": place}, track_seen=True)
    if place == begun + 1:
        print("working", flush=True)
"""


def test_rows_and_checkpoint_agree_whenever_a_worker_is_killed(
    tenant: TenantData, postgres_server: Postgres, database: str
) -> None:
    url = postgres_server.url(database, ROLE, PASSWORD)
    message = tenant.message("people")
    arguments = [sys.executable, "-c", WORKER, url, str(tenant.tenant_id), str(message.run_id)]
    pages = 0
    for kill in range(5):
        _work_until_killed(arguments, 0.2 + 0.037 * kill)
        run = tenant.runs.open(message, minute(1))
        assert isinstance(run, Run)
        done = int(str((run.checkpoint or {}).get("next", 0)))
        assert done > pages
        pages = done
        assert run.counts.inserted == pages * 50
        assert tenant.ask(PEOPLE_REPORT, top=1, count=True).total == pages * 50
        assert tenant.loader("people").close_unseen(run, observed_at=minute(2)) == 0


def _work_until_killed(arguments: list[str], seconds: float) -> None:
    """Start a worker and kill it `seconds` after its first page was stored."""
    root = Path(__file__).parents[2]
    with child_process(arguments, cwd=root, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "working\n"
        time.sleep(seconds)
        worker.send_signal(signal.SIGKILL)
