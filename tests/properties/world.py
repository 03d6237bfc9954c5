"""A small world: one sandbox tenant, one fresh database, and collecting between them, crashes included."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import replace
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from infra.local.database import prepare_database
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.collector import Collector
from shared.core.messages import Claim
from shared.core.registry import collector
from shared.core.settings import Settings, read_settings
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.registers.tenants import Tenants
from shared.store.session.engine import open_engine
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import work_on
from tests.fixtures.children import end_child
from tests.fixtures.graph import QUICK, OpenPurse
from tests.fixtures.sealing import SEALING_KEYS
from tests.fixtures.switched import switch
from tests.properties.held import Held

ROOT = Path(__file__).resolve().parents[2]
SLICE_SECONDS = 0.05  # short enough that most reads are cut into several messages
# Objects in a page, by what the extent of a collector calls its reading.
_SMALL = {"listing": 37, "since": 60, "children": 25}


@dataclass(slots=True)
class World(Held):
    """`environment` is what a worker process needs to join in."""

    owner_url: str
    environment: dict[str, str]
    doors: WorkDoors
    runner: asyncio.Runner
    dice: random.Random
    _spare: subprocess.Popen[str] | None = None

    def messages(self, datasets: Iterable[str]) -> list[Claim]:
        """Ask for a collection of `datasets` now."""
        return self.doors.runs.request(self.tenant_id, datasets, clock.now())

    def work(self, message: Claim) -> Claim | None:
        """Do one message's work here; return the one that follows it."""
        sent = [one.message for one in self.runner.run(work_on(message, self.doors))]
        return next((claim for claim in sent if claim.run_id == message.run_id), None)

    def deliver(self, message: Claim) -> None:
        """Do the message's work here, and that of the messages which follow it."""
        following: Claim | None = message
        while following is not None:
            following = self.work(following)

    def worker(self, message: Claim) -> subprocess.Popen[str]:
        """Let another process begin with the message; the next one gets ready meanwhile."""
        worker = self._spare or self._new_worker()
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdout.readline()  # it is ready to begin
        worker.stdin.write(message.model_dump_json() + "\n")
        worker.stdin.close()
        self._spare = self._new_worker()
        return worker

    def _new_worker(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.properties.worker"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the worker that waits."""
        if self._spare is not None:
            self._spare.kill()
            end(self._spare)


def end(worker: subprocess.Popen[str]) -> None:
    """Let a worker come to its end, and close its pipes."""
    try:
        worker.wait(300)
    finally:
        end_child(worker)


@contextmanager
def small_world(
    owner_url: str, sandbox: SandboxReady, admin: SandboxAdmin, seed: int
) -> Iterator[World]:
    """Prepare the database behind `owner_url` for the sandbox's first tenant."""
    tenant = sandbox.tenants[0]
    environment = os.environ | {
        "KANRI_DATABASE_URL": prepare_database(owner_url).app_url,
        "KANRI_GRAPH_ENDPOINT": sandbox.graph_endpoint,
        "KANRI_AUTHORITY_HOST": sandbox.authority_host,
        "KANRI_CA_FILE": sandbox.ca_file,
        "KANRI_CLIENT_ID": tenant.client_id,
        "KANRI_CLIENT_SECRET": tenant.client_secret,
        "KANRI_SEALING_KEYS": SEALING_KEYS,
    }
    settings = read_settings(environment)
    tenant_id = UUID(tenant.tenant_id)
    with asyncio.Runner() as runner:
        engine = open_engine(settings)
        doors = make_doors(settings, engine)
        world = World(
            admin, tenant_id, engine, owner_url, environment, doors, runner, random.Random(seed)
        )
        try:
            Tenants(engine).add(tenant_id, tenant.display_name)
            switch(engine, tenant_id)
            yield world
            runner.run(doors.graph(tenant_id).aclose())
        finally:
            world.close()
            engine.dispose()


def make_doors(settings: Settings, engine: Engine) -> WorkDoors:
    """The doors as `shared.wiring` builds them, in a hurry: small pages, short slices, no budget."""

    @cache
    def graph(tenant_id: UUID) -> GraphClient:
        return GraphClient(settings, tenant_id, Governor(OpenPurse()), QUICK)

    return WorkDoors(
        engine=engine,
        graph=graph,
        slice_seconds=SLICE_SECONDS,
        collector=in_small_pages,
    )


def in_small_pages(dataset: str) -> Collector:
    """The catalogue's collector, reading in pages so small that 200 users fill several."""
    spec = collector(dataset)
    if spec.ask.top is None and not spec.extent.tells_changes:
        return spec
    return replace(spec, ask=spec.ask.sized(_SMALL[spec.extent.reading]))
