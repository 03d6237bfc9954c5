"""One caller asks for all he can, through the real host: what he must not take from anybody else.

Questions about one tenant are held up in the database, as long as the test wants, by a policy that
waits for a lock. So it is order that is asserted, never time.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core import clock
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.tenants import Tenants
from tests.api.conftest import OTHER, TENANT
from tests.api.running_host import Host
from tests.fixtures.seed import collect

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_LOCK = 4711
_REPORTS, _EXPORTS = 24, 6

# A question about the tenant waits here; no lock_timeout ends it, only the question's own time-out.
_GATE = f"""
    CREATE FUNCTION public.passed_gate() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        WHILE NOT pg_try_advisory_xact_lock_shared({_LOCK}) LOOP PERFORM pg_sleep(0.02); END LOOP;
        RETURN true;
    END $$;
    CREATE POLICY gate ON data.users AS RESTRICTIVE FOR SELECT
        USING (CASE WHEN tenant_id = '{TENANT}' THEN public.passed_gate() ELSE true END)
"""
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event = 'PgSleep'
"""


@dataclass
class Crowd:
    """Requests on their way, each with the number of its answer in the order of arrival."""

    threads: ThreadPoolExecutor
    answers: list[int]

    def send(self, call: Callable[[], tuple[int, Any, bytes]]) -> Future[int]:
        """Send a request; its status."""

        def run() -> int:
            status = call()[0]
            self.answers.append(status)
            return status

        return self.threads.submit(run)

    @property
    def read(self) -> int:
        """How many held a session until they were answered; 429 never had one."""
        return sum(status != 429 for status in self.answers)


@pytest.fixture(scope="module")
def gated(host: Host, postgres_server: Postgres) -> Iterator[psycopg.Connection[Any]]:
    """A session that may close the gate before one tenant's users."""
    Tenants(host.engine).add(OTHER, "Fabrikam")
    for tenant in (TENANT, OTHER):
        people = [{"id": f"u{n}", "display_name": f"Name {n}"} for n in range(20)]
        collect(host.engine, tenant, "users", people)
    database = str(host.engine.url.database)
    with psycopg.connect(postgres_server.url(database), autocommit=True) as owner:
        owner.execute(_GATE.encode())
        yield owner


@contextmanager
def closed(gate: psycopg.Connection[Any]) -> Iterator[None]:
    """Hold up every question about the tenant."""
    gate.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        gate.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def key_for(host: Host, tenant: UUID, *more: str) -> str:
    plain, _ = ApiKeys(host.engine).create(
        "starving",
        environment="test",
        permissions=["report:read", "tenant:read", *more],
        tenant_ids=[tenant],
        expires_at=clock.now().replace(year=clock.now().year + 1),
    )
    return plain


@contextmanager
def flood(host: Host, gate: psycopg.Connection[Any]) -> Iterator[Crowd]:
    """Send 24 reports and 6 exports of one tenant's caller, and wait until the database holds some."""
    key = key_for(host, TENANT)
    path = f"v1/tenants/{TENANT}/reports/users"
    with ThreadPoolExecutor(_REPORTS + _EXPORTS) as threads:
        crowd = Crowd(threads, [])
        with closed(gate):
            for _ in range(_REPORTS):
                crowd.send(lambda: host.send("GET", path, x_api_key=key))
            for _ in range(_EXPORTS):
                crowd.send(lambda: host.send("GET", f"{path}?format=csv", x_api_key=key))
            pause = threading.Event()
            while gate.execute(_WAITING).fetchone() == (0,):
                pause.wait(0.02)
            yield crowd
        threads.shutdown(wait=True)


def test_liveness_and_readiness_do_not_wait_behind_reports_and_exports(
    host: Host, gated: psycopg.Connection[Any]
) -> None:
    with flood(host, gated) as crowd:
        for _ in range(5):
            assert host.send("GET", "health/live", x_api_key="")[0] == 200
        status, _, body = host.send("GET", "health/ready")
        assert status in (200, 503)
        assert {check["name"]: check["ok"] for check in json.loads(body)["checks"]}["database"]
        # Reports are given up after their time; a queue in front of us would have to be served first.
        assert crowd.read < _REPORTS / 2


def test_another_tenants_small_question_and_the_administration_do_not_wait(
    host: Host, gated: psycopg.Connection[Any]
) -> None:
    key = key_for(host, OTHER)
    with flood(host, gated) as crowd:
        path = f"v1/tenants/{OTHER}/reports/users"
        status, _, body = host.send("GET", f"{path}?top=5", x_api_key=key)
        assert (status, json.loads(body)["rowCount"]) == (200, 5)
        assert host.send("GET", "v1/tenants")[0] == 200
        assert host.send("POST", f"v1/tenants/{OTHER}/pause")[0] == 200
        assert host.send("POST", f"v1/tenants/{OTHER}/resume")[0] == 200
        assert crowd.read < _REPORTS / 2


def test_who_asks_for_more_than_his_share_is_told_when_to_come_back(
    host: Host, gated: psycopg.Connection[Any]
) -> None:
    key = key_for(host, TENANT)
    path = f"v1/tenants/{TENANT}/reports/users"
    with flood(host, gated) as crowd:
        for _ in range(_REPORTS):  # with another key, but about the same tenant
            crowd.send(lambda: host.send("GET", path, x_api_key=key))
        pause = threading.Event()
        while 429 not in crowd.answers:
            pause.wait(0.02)
        assert crowd.read < _REPORTS / 2
        refused = None
        while refused is None:
            status, headers, body = host.send("GET", path, x_api_key=key)
            refused = (headers, json.loads(body)) if status == 429 else None
    headers, problem = refused
    assert headers["content-type"] == "application/problem+json"
    assert problem["code"] in ("caller_busy", "worker_busy")
    assert int(headers["retry-after"]) >= 1
    assert host.send("GET", path, x_api_key=key)[0] == 200
