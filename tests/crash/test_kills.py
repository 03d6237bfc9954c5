"""Kill -9 of host, worker and PostgreSQL at random during collection: everything completes.

The real host, queue, database and HTTPS; `KILLS` sets the number (default 4, the record is
kept with 30).
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from infra.cli.api import KanriApi
from infra.local.child import Child
from infra.local.database import prepare_database
from infra.local.errors import StackError
from infra.local.host_process import ready_line
from infra.local.postgres import Postgres
from infra.local.repository import ROOT
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from infra.local.settings_file import write_settings
from infra.local.tenant_file import sandbox_login
from shared.core.registry import collector
from shared.core.settings import read_settings
from shared.store.dataset_tables import dataset_table
from shared.store.engine import open_engine
from shared.store.sessions import tenant_session
from tests.local.processes import descendants

KILLS = int(os.environ.get("KILLS", "4"))
SEED = int(os.environ.get("KILLS_SEED", "1"))
ENTITIES = ("users", "groups", "members", "conditional_access_policies", "role_assignments")
SETTLE_SECONDS = 240

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@dataclass(slots=True)
class Victims:
    """The parts that may be killed, and how each comes back."""

    postgres: Postgres
    host: Child
    dice: random.Random

    def kill_one(self) -> str:
        """Kill -9 one part at random and bring it back; returns its name."""
        victim = self.dice.choice(("host", "worker", "postgres"))
        if victim == "host":
            os.kill(self.host.pid, signal.SIGKILL)
            self.host.stop()
            self.host.start()
            self.host.wait_for(ready_line, seconds=60)
        elif victim == "worker":
            workers = descendants(self.host.pid)
            os.kill(self.dice.choice(sorted(workers)), signal.SIGKILL)
        else:
            os.kill(self.postgres.pid, signal.SIGKILL)
            self.postgres.stop()
            self.postgres.start()
        return victim


@pytest.fixture
def victims(
    tmp_path: Path, azurite: str, sandbox: SandboxReady
) -> Iterator[tuple[Victims, KanriApi, str]]:
    """A PostgreSQL and a host of this test's own, with short queue leases; the tenant is connected."""
    with ExitStack() as cleanup:
        postgres = Postgres(tmp_path / "postgres")
        postgres.start()
        cleanup.callback(postgres.stop)
        postgres.create_database("kanri")
        database = prepare_database(postgres.url("kanri"))
        settings = tmp_path / "local.settings.json"
        write_settings(
            settings,
            login=sandbox_login(sandbox),
            sandbox=True,
            database_url=database.app_url,
            storage=azurite,
        )
        words = ["host", "start", "--json", "--port", "17071", "--queue-lease", "8"]
        words += ["--settings", str(settings), "--app", str(ROOT)]
        host = Child(
            "The Functions host",
            [sys.executable, "-m", "infra.local.host", *words],
            log_file=tmp_path / "host.log",
            folder=ROOT,
        )
        host.start()
        cleanup.callback(host.stop)
        ready = host.wait_for(ready_line, seconds=60)
        api = KanriApi(f"http://127.0.0.1:{ready.port}", database.api_key)
        tenant = sandbox.tenants[0].tenant_id
        api.connect_tenant(tenant)
        yield Victims(postgres, host, random.Random(SEED)), api, database.app_url


def test_nothing_is_lost_or_doubled(
    victims: tuple[Victims, KanriApi, str], sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    parts, api, app_url = victims
    tenant = sandbox.tenants[0].tenant_id
    sandbox_admin.throttle(0)
    killed: list[str] = []
    for number in range(KILLS):
        sandbox_admin.life(5, tenant, number)
        _insist(lambda: api.start_collections(tenant))
        time.sleep(parts.dice.uniform(0.0, 2.0))
        killed.append(parts.kill_one())
    _settle(api, tenant)
    sandbox_admin.life(1, tenant, KILLS)
    _insist(lambda: api.start_collections(tenant))
    _settle(api, tenant)
    print(f"{KILLS} kills: {Counter(killed)}")  # noqa: T201  the record that is kept
    _compare(app_url, tenant, sandbox_admin)


def _settle(api: KanriApi, tenant: str) -> None:
    """Wait until every dataset's last run is ok and none is under way."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        standing = _insist(lambda: api.collections(tenant))
        if standing and all(item.state == "ok" for item in standing):
            return
        time.sleep(0.5)
    pytest.fail(f"not settled: {[item for item in standing if item.state != 'ok']}")


def _insist(call: Any) -> Any:
    """Call until the API answers: it may be coming back."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return call()
        except StackError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _compare(app_url: str, tenant: str, admin: SandboxAdmin) -> None:
    engine = open_engine(read_settings({"KANRI_DATABASE_URL": app_url}))
    try:
        with tenant_session(engine, UUID(tenant)) as connection:
            for dataset in ENTITIES:
                table = dataset_table(collector(dataset))
                current = select(table.c.id).where(table.c.valid_to.is_(None))
                ids = [row.id for row in connection.execute(current)]
                truth = admin.journal(dataset, tenant)["objects"]
                assert len(ids) == len(set(ids)), f"{dataset}: a row is there twice"
                assert set(ids) == set(truth), f"{dataset}: a row is lost or too many"
            events = dataset_table(collector("sign_ins"))
            total, distinct = connection.execute(
                select(func.count(), func.count(events.c.id.distinct()))
            ).one()
            assert total == distinct > 0
    finally:
        engine.dispose()
