"""A small tenant of a seed of which everything has been collected, and what it tells by itself."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import batched
from math import floor
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxProcess, SandboxReady
from shared.core import clock, registry
from shared.core.collector import Slices
from shared.core.messages import Claim
from shared.core.query import Order, ReportQuery
from shared.core.registry import collector
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.answers.reports import Reports
from shared.usecases.receive import work_on
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import QUICK, OpenPurse
from tests.fixtures.in_order import parents_first
from tests.usecases.test_figures_of_use import Told

type Row = dict[str, Any]

# What is counted, what the report says, what counting says.
type Figures = Iterator[tuple[str, object, object]]

SERVICES = {
    "exchange": "Exchange",
    "onedrive": "OneDrive",
    "sharepoint": "SharePoint",
    "teams": "Teams",
}
_FINAL = {"delivered", "failed", "expanded", "quarantined", "filteredAsSpam"}
# Three teams or so, guests in them, every kind of policy and of policy's holder.
USERS = 100
# Of calls each is two requests: some days of them are enough.
_CALLS = timedelta(days=2)


class World:
    """A sandbox of one tenant, and the product that has read it."""

    def __init__(self, engine: Engine, ready: SandboxReady) -> None:
        self.bench = Bench(engine, ready, OpenPurse())
        self.engine, self.tenant_id = engine, self.bench.tenant_id
        self.admin = SandboxAdmin(ready.admin_url, ready.ca_file, ready.admin_token)
        self.admin.throttle(0)
        self.admin.tenant(auditQuerySeconds=0, snapshotSeconds=0)
        calls = collector("call_records")
        few = replace(cast("Slices", calls.extent), initial=_CALLS)
        self.bench.changed["call_records"] = replace(calls, extent=few)
        self._ready = ready

    def read(self, datasets: Iterable[str], state: str = "ok") -> None:
        """Collect the datasets, one after the other; each must end so."""
        asyncio.run(self._read(datasets, state))

    def read_all(self) -> None:
        """Collect every dataset, each after the one below whose objects it is read."""
        self.read(parents_first())

    async def _read(self, datasets: Iterable[str], state: str) -> None:
        bench = self.bench
        governor = Governor(bench.purse)
        client = GraphClient(bench.settings, self.tenant_id, governor, QUICK)
        doors = bench.doors(client)
        try:
            for dataset in datasets:
                # What waits for a job is put off, and gone on with when it is asked for again.
                for _ in range(20):
                    [message] = bench.messages(dataset)
                    more: Claim | None = message
                    while more is not None:
                        sent = [one.message for one in await work_on(more, doors)]
                        more = next((one for one in sent if one.run_id == message.run_id), None)
                    newest = bench.runs.ledger(self.tenant_id, dataset, limit=1)
                    if newest and newest[0].run_id == message.run_id:
                        break
                assert newest[0].state == state, (dataset, newest[0].cause, newest[0].cause_detail)
        finally:
            await client.aclose()

    def answered(self, key: str, **parameters: int) -> list[Row]:
        """All rows of a report."""
        report = registry.report(key)
        question = ReportQuery(
            as_of=None,
            columns=tuple(column.id for column in report.columns),
            order=tuple(Order(name) for name in report.row_key),
            top=1000,
            parameters=tuple(parameters.items()),
        )
        found: list[Row] = []
        with Reports(self.engine).snapshot(self.tenant_id) as snapshot:
            while True:
                page = snapshot.page(report, question)
                found += [dict(zip(page.columns, row, strict=True)) for row in page.rows]
                if page.next is None:
                    return found
                question = replace(question, after=page.next)  # type: ignore[arg-type]  # as a cursor holds it

    # ---- what the tenant itself says

    @cached_property
    def settled(self) -> tuple[datetime, datetime]:
        """Between when mail neither moves any more nor leaves the two days that reports tell of."""
        now = clock.now().replace(microsecond=0)
        return now - timedelta(hours=46), now - timedelta(hours=4)

    @cached_property
    def told(self) -> Told:
        """The tenant over plain HTTP."""
        return Told(self._ready, 0)

    def has(self, collection: str) -> list[Row]:
        """The objects of one of the sandbox's collections or logs, from its memory."""
        return list(self.admin.journal(collection)["objects"].values())

    def edges(self) -> list[tuple[str, str]]:
        """Who is a direct member of which group: group, member."""
        rows = self.has("members")
        return [(row["groupId"], row["memberId"]) for row in rows]

    def lines(self, report: str) -> list[dict[str, str]]:
        """The lines of a usage report, without those of what is deleted."""
        return [one for one in self.told.lines(report) if one.get("Is Deleted") != "True"]

    def each(self, paths: Iterable[str]) -> Iterator[Row]:
        """One object of each path, as far as there is one, twenty with a request."""
        for some in batched(paths, 20, strict=False):
            asked = [{"id": path, "method": "GET", "url": path} for path in some]
            for answer in self.told.post("$batch", {"requests": asked})["responses"]:
                assert answer["status"] in (200, 404), answer
                if answer["status"] == 200:
                    yield answer["body"]


@contextmanager
def world_of(
    engine: Engine, home: Path, seed: int, users: int = USERS, clock_file: Path | None = None
) -> Iterator[World]:
    """A tenant of a seed; nothing is read yet."""
    process = SandboxProcess(home, users=users, seed=seed, clock_file=clock_file)
    process.start()
    world = None
    try:
        world = World(engine, process.wait_ready())
        yield world
    finally:
        if world is not None and "told" in world.__dict__:
            world.told.close()
        process.stop()


def at(text: str) -> datetime:
    """An instant as Graph writes it."""
    return datetime.fromisoformat(text)


def rounded(value: Fraction, places: int = 2) -> float:
    """A figure as people round it: a half goes up."""
    whole = value * 10**places
    return float(Fraction(floor(whole + Fraction(1, 2)), 10**places))


class Close:
    """A figure that is told less exactly, equal to whatever is near enough."""

    def __init__(self, value: float, within: float) -> None:
        self.value, self.within = value, within

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and abs(other - self.value) <= self.within

    def __hash__(self) -> int:
        return hash((self.value, self.within))

    def __repr__(self) -> str:
        return f"{self.value} within {self.within}"


def told_mail(world: World) -> list[Row]:
    """The traces of what neither is under way any more nor leaves the period meanwhile."""
    low, high = world.settled
    return [
        one
        for one in world.has("message_traces")
        if low <= at(one["receivedDateTime"]) < high and one["status"] in _FINAL
    ]


def settled(world: World, key: str, when: str, status: str) -> list[Row]:
    """The rows of a report about the same messages."""
    low, high = world.settled
    return [row for row in world.answered(key) if low <= row[when] < high and row[status] in _FINAL]
