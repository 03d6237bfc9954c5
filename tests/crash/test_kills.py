"""Kill -9 of host, worker and PostgreSQL at random during collection: everything completes.

The real host, queue, database, budgets and HTTPS, while the tenant lives on. `KILLS` sets the number
(default 4, the record is kept with 30), `KILLS_SEED` the dice.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from azure.storage.queue import QueueClient

from infra.cli.api import KanriApi
from infra.local.child import Child
from infra.local.database import prepare_database
from infra.local.errors import StackError
from infra.local.host_admin import HostAdmin
from infra.local.host_process import ready_line
from infra.local.ports import free_port
from infra.local.postgres import Postgres
from infra.local.repository import ROOT
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from infra.local.settings_file import write_settings
from infra.local.tenant_file import sandbox_login
from shared.core import clock
from shared.core.registry import collector, datasets
from shared.core.settings import read_settings
from shared.store.session.engine import open_engine
from shared.store.work.claims import PENDING
from tests.infra.local.processes import descendants
from tests.properties import truth
from tests.properties.held import Held

KILLS = int(os.environ.get("KILLS", "4"))
SEED = int(os.environ.get("KILLS_SEED", "1"))
# What the timer had claimed when it was killed is sent again after so long, and then it is to be read.
SETTLE_SECONDS = PENDING.total_seconds() + 300
# Usage reports have 14 requests for 10 minutes: asked for in every round, they would be waited for.
AGAIN = [name for name in datasets() if collector(name).service != "usage_reports"]
# What costs many requests is off, as in any tenant that has not switched it on.
READ = [name for name in datasets() if not collector(name).switches]

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@dataclass(slots=True)
class Victims:
    """The parts that may be killed, and how each comes back."""

    postgres: Postgres
    host: Child
    admin: HostAdmin
    dice: random.Random

    def kill_one(self) -> str:
        """Kill -9 one part at random and bring it back; returns its name."""
        victim = self.dice.choice(("host", "worker", "postgres", "host and postgres"))
        if victim == "worker":
            workers = descendants(self.host.pid)
            os.kill(self.dice.choice(sorted(workers)), signal.SIGKILL)
            return victim
        for name, process in (("host", self.host), ("postgres", self.postgres)):
            if name in victim:
                os.kill(process.pid, signal.SIGKILL)
        if "postgres" in victim:
            self.postgres.stop()
            self.postgres.start()
        if "host" in victim:
            self.host.stop()
            self.host.start()
            self.host.wait_for(ready_line, seconds=60)
        return victim


@pytest.fixture
def storage(fresh_storage: Callable[[], str]) -> str:
    return fresh_storage()


@pytest.fixture
def victims(
    tmp_path: Path, storage: str, sandbox: SandboxReady
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
            storage=storage,
        )
        # One that stays free while the host is down: clients' own ports lie above (32768 on Linux).
        port = free_port(preferred=random.SystemRandom().randrange(20_000, 30_000))
        words = ["host", "start", "--json", "--port", str(port), "--queue-lease", "8"]
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
        url = f"http://127.0.0.1:{ready.port}"
        admin = HostAdmin(url, app=ROOT, settings=settings)
        api = KanriApi(url, database.api_key)
        tenant = sandbox.tenants[0].tenant_id
        api.connect_tenant(tenant)
        yield Victims(postgres, host, admin, random.Random(SEED)), api, database.app_url


@pytest.mark.timeout(1800 + 60 * KILLS)
def test_nothing_is_lost_or_doubled(
    victims: tuple[Victims, KanriApi, str],
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
    storage: str,
) -> None:
    parts, api, app_url = victims
    tenant = sandbox.tenants[0].tenant_id
    since = clock.now()
    sandbox_admin.throttle(0)
    killed: list[str] = []
    asked: list[str] = []  # everything
    for number in range(KILLS):
        sandbox_admin.life(5, tenant, SEED * 1000 + number)
        _insist(partial(api.start_collections, tenant, asked))
        asked = AGAIN
        time.sleep(parts.dice.uniform(0.0, 2.0))
        killed.append(f"{clock.now()} {parts.kill_one()}")
    _settle(parts.admin, api, tenant)
    sandbox_admin.life(1, tenant, KILLS)
    with _held(app_url, tenant, sandbox_admin) as held:
        held.diary.extend(killed)
        told = {dataset: truth.truth(held, dataset) for dataset in truth.ENTITIES | truth.EVENTS}
        for _ in range(2):  # members fan out over the groups that the first round finds
            _insist(lambda: api.start_collections(tenant, AGAIN))
            _settle(parts.admin, api, tenant)
        print(f"{KILLS} kills: {Counter(line.split(' ', 2)[2] for line in killed)}")  # noqa: T201  the record
        _judge(held, told, since)
    with QueueClient.from_connection_string(storage, "collect") as queue:
        assert not queue.receive_message(), "a message is left in the queue"


def _judge(held: Held, told: dict[str, dict[str, Any]], since: datetime) -> None:
    for dataset, source in truth.ENTITIES.items():
        found = truth.comparable(dataset, held.rows(dataset))
        assert found == told[dataset], f"{dataset} differs from Graph"
        if source.keeps_past:
            truth.check_history(held, dataset)
    for dataset in truth.EVENTS:
        truth.check_events(held, dataset, told[dataset], since)
    for dataset in READ:
        assert held.count(dataset) > 0, dataset
        truth.check_ledger(held, dataset)


@contextmanager
def _held(app_url: str, tenant: str, admin: SandboxAdmin) -> Iterator[Held]:
    engine = open_engine(read_settings({"KANRI_DATABASE_URL": app_url}))
    try:
        yield Held(admin, UUID(tenant), engine)
    finally:
        engine.dispose()


def _settle(admin: HostAdmin, api: KanriApi, tenant: str) -> None:
    """Wait until every dataset's last run is ok and none is under way.

    The dispatcher is run by hand besides its full minute: what was put off waits no longer than it must.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        standing = _insist(lambda: api.collections(tenant))
        if standing and all(
            item.state == ("ok" if item.dataset in READ else "off") for item in standing
        ):
            return
        _insist(lambda: admin.start("timer_dispatch"))
        time.sleep(2)
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
