"""A tenant of the sandbox without its server: what it would tell, stored as the product decodes it."""

import os
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Engine

from infra.local.sandbox.clock import Clock
from infra.local.sandbox.tenant.model import Tenant
from shared.core import clock, registry
from shared.core.rows import Parent
from shared.graph.decoding.pages import decoder_of
from shared.store.datasets.loading import Loader
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs

type Told = Mapping[str, Any]

SEEDS = range(1, 1 + int(os.environ.get("SEEDS", "3")))  # see README
USERS = 60


def simulated(seed: int, users: int = USERS) -> Tenant:
    """Return the tenant of a seed, as the sandbox makes it now."""
    return Tenant(0, seed, users, int(clock.now().timestamp()), Clock())


def told(tenant: Tenant, collection: str) -> list[Told]:
    """Return every living object of one of the sandbox's collections."""
    held = tenant.collections[collection]
    return list(held.rows(0, len(held)))


class Stored:
    """A connected tenant of the product that is told what a simulated one has."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tenant_id: UUID = Tenants(engine).add(uuid4(), "Contoso").tenant_id

    def keep(self, dataset: str, objects: Iterable[Told]) -> None:
        """Let one run read `objects` as a whole page."""
        self.keep_below(dataset, {None: objects})

    def keep_below(
        self,
        dataset: str,
        pages: Mapping[Any, Iterable[Told]],
        above_told: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        """Let one run read a page below each parent (None: of none), of which columns may be told."""
        runs, spec = Runs(self.engine), registry.collector(dataset)
        [claim] = runs.request(self.tenant_id, [dataset], clock.now())
        run = runs.open(claim, clock.now())
        assert isinstance(run, Run)
        loader = Loader(self.engine, spec)
        for above, objects in pages.items():
            told: Any = {"value": list(objects)}
            if spec.answer.objects == 1:
                [told] = told["value"]
            body = msgspec.json.encode(told)
            of = None if above is None else Parent(above, {**above_told.get(above, {})})
            rows = decoder_of(spec).page(body, of).rows
            assert not rows.rejected
            loader.apply(run, rows, observed_at=clock.now(), checkpoint=None, track_seen=True)
        runs.finish(run, "ok", now=clock.now())
