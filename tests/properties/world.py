"""A small world: one sandbox tenant, one fresh database, and collecting between them, crashes included."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, and_, func, or_, select

from infra.local.database import prepare_database
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.messages import CollectMessage
from shared.core.registry import collector
from shared.core.settings import Settings, read_settings
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.budgets import Budgets
from shared.store.dataset_tables import dataset_table
from shared.store.engine import open_engine
from shared.store.loading import Loader
from shared.store.runs import Runs
from shared.store.sessions import tenant_session
from shared.store.tenants import Tenants
from shared.usecases.collect import collect
from shared.usecases.collection import Workshop
from shared.usecases.schedule import collect_messages
from shared.usecases.spend_budget import SharedPurse

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class World:
    """`environment` is what a worker process needs to join in."""

    admin: SandboxAdmin
    tenant_id: UUID
    environment: dict[str, str]
    engine: Engine
    workshop: Workshop
    runner: asyncio.Runner
    dice: random.Random
    seen: list[tuple[datetime, datetime, str, dict[str, Any]]] = field(default_factory=list)

    def messages(self, datasets: Iterable[str]) -> list[CollectMessage]:
        """Ask for a collection of `datasets` now."""
        claims = self.workshop.runs.request(self.tenant_id, datasets, clock.now())
        return collect_messages(claims)

    def deliver(self, message: CollectMessage) -> None:
        """Do the message's work here, and that of the messages which follow it."""
        following: CollectMessage | None = message
        while following is not None:
            following = self.runner.run(collect(following, self.workshop))

    def deliver_and_kill(self, message: CollectMessage, after: float) -> None:
        """Let another worker process begin with the message; kill -9 it `after` seconds later."""
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.properties.worker", message.model_dump_json()],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
        )
        assert worker.stdout is not None
        worker.stdout.readline()  # it is ready to begin
        time.sleep(after)
        worker.kill()
        worker.wait()
        worker.stdout.close()

    def state(self, dataset: str) -> str:
        """Return the state of the dataset's last finished run."""
        return self.workshop.runs.ledger(self.tenant_id, dataset, 1)[0].state

    def rows(self, dataset: str, at: datetime | None = None) -> dict[str, Any]:
        """Return id to Graph object, now or as of `at`, read straight from the table."""
        table = dataset_table(collector(dataset))
        current = table.c.valid_to.is_(None)
        valid: ColumnElement[bool] = current
        if at is not None:
            valid = and_(table.c.valid_from <= at, or_(current, table.c.valid_to > at))
        with tenant_session(self.engine, self.tenant_id) as connection:
            found = connection.execute(select(table.c.id, table.c.raw).where(valid)).all()
        assert len(found) == len({row.id for row in found}), "an id is valid twice at one instant"
        return {row.id: row.raw for row in found}

    def versions(self, dataset: str) -> int:
        """Return how many row versions there are."""
        table = dataset_table(collector(dataset))
        with tenant_session(self.engine, self.tenant_id) as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def truth(self, dataset: str) -> dict[str, Any]:
        """Return what the sandbox's journal says is there now."""
        wanted = collector(dataset).mode
        chosen = None if dataset == "members" else getattr(wanted, "select", None)
        tenant = str(self.tenant_id)
        found: dict[str, Any] = self.admin.journal(dataset, tenant, select=chosen)["objects"]
        return found


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
    }
    settings = read_settings(environment)
    tenant_id = UUID(tenant.tenant_id)
    with asyncio.Runner() as runner:
        engine = open_engine(settings)
        try:
            workshop = make_workshop(settings, engine)
            Tenants(engine).add(tenant_id, tenant.display_name)
            yield World(
                admin, tenant_id, environment, engine, workshop, runner, random.Random(seed)
            )
            runner.run(workshop.graph(tenant_id).aclose())
        finally:
            engine.dispose()


def make_workshop(settings: Settings, engine: Engine) -> Workshop:
    """The doors as `shared.wiring` builds them, without its per-process cache."""

    @cache
    def graph(tenant_id: UUID) -> GraphClient:
        purse = SharedPurse(Budgets(engine), settings.client_id, tenant_id)
        return GraphClient(settings, tenant_id, Governor(purse))

    return Workshop(
        runs=Runs(engine),
        loader=lambda dataset: Loader(engine, collector(dataset)),
        graph=graph,
        slice_seconds=20,
    )
