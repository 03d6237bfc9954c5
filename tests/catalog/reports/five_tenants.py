"""Five tenants of one sandbox that differ in what they bought, grant and show, all of it collected."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxProcess, SandboxReady
from shared.core import clock, registry
from shared.core.messages import Claim
from shared.core.role_permissions import PERMISSIONS
from shared.core.settings import Settings
from shared.core.text import Lang
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.session.engine import open_engine
from shared.store.work.runs import Runs
from shared.usecases.connect_tenant import connect_tenant
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import work_on
from tests.api.conftest import Api, key_of
from tests.api.doors import Doors
from tests.fixtures.graph import QUICK, OpenPurse, sandbox_settings
from tests.fixtures.switched import switch

USERS = 50
_AT_ONCE = 3
_ROUNDS = 40

# Services of the sandbox that are no part of the simplest plans.
_PREMIUM = ("intune", "defender", "defender_office", "backup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What sets a tenant apart: services not bought (of the sandbox), the plan of Entra ID,
    permissions not granted, names concealed in usage reports, costly datasets on, the language of who asks."""

    name: str
    number: int
    premium: str = "P2"
    not_bought: tuple[str, ...] = ()
    not_granted: frozenset[str] = frozenset()
    concealed: bool = False
    costly: bool = False
    lang: Lang = "en"


KINDS = (
    Kind(name="no premium licence", number=0, premium="none", not_bought=_PREMIUM),
    Kind(name="everything", number=1, costly=True),
    Kind(name="names concealed", number=3, concealed=True),
    # Entra ID P2 bought by itself, and of its premium features only PIM granted.
    Kind(
        name="PIM only",
        number=4,
        not_bought=_PREMIUM,
        not_granted=frozenset(
            {"AuditLog.Read.All", "IdentityRiskyUser.Read.All", "IdentityRiskEvent.Read.All"}
        ),
    ),
    Kind(name="Japanese", number=2, lang="ja"),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One tenant: what each report says of it, as the API answers, and how each run ended."""

    kind: Kind
    tenant_id: UUID
    answers: Mapping[str, Any]
    ends: Mapping[str, tuple[str, str | None]]


@dataclass(slots=True)
class Five:
    """All sides, and the sandbox that they are of."""

    ready: SandboxReady
    admin: SandboxAdmin
    engine: Engine
    sides: dict[str, Side] = field(default_factory=dict)
    granted: dict[str, frozenset[str]] = field(default_factory=dict)


@contextmanager
def five_tenants(folder: Path, database: Callable[[], Settings]) -> Iterator[Five]:
    """Start the sandbox, collect all five, and ask every report of each."""
    process = SandboxProcess(folder, users=USERS, tenants=5)
    process.start()
    settings = database()
    engine = open_engine(settings)
    try:
        ready = process.wait_ready()
        admin = SandboxAdmin(ready.admin_url, ready.ca_file, ready.admin_token)
        admin.throttle(0)
        five = Five(ready, admin, engine)
        for kind in KINDS:
            _shape(five, kind)
        asyncio.run(_collect(five))
        api = Api(Doors(engine, settings), {"x-api-key": key_of(engine, PERMISSIONS)})
        for kind in KINDS:
            five.sides[kind.name] = _asked(five, api, kind)
        yield five
    finally:
        engine.dispose()
        process.stop()


def _shape(five: Five, kind: Kind) -> None:
    """Give the sandbox's tenant what it has, and connect nothing yet."""
    own = five.ready.tenants[kind.number]
    five.admin.tenant(
        own.tenant_id,
        premium=kind.premium,
        concealNames=kind.concealed,
        notBought=list(kind.not_bought),
        auditQuerySeconds=0,
        snapshotSeconds=0,
    )
    app = five.admin.app(own.tenant_id, appId=own.client_id)
    granted = frozenset(app["permissions"]) - kind.not_granted
    five.admin.app(own.tenant_id, appId=own.client_id, permissions=sorted(granted))
    five.granted[kind.name] = granted


async def _collect(five: Five) -> None:
    for kind in KINDS:
        await _collect_one(five, kind)


async def _collect_one(five: Five, kind: Kind) -> None:
    """Connect the tenant and have every dataset read until its run ends."""
    own = five.ready.tenants[kind.number]
    tenant_id, settings = UUID(own.tenant_id), sandbox_settings(five.ready, kind.number)
    connecting = GraphClient(settings, tenant_id, Governor(OpenPurse()), QUICK)
    await connect_tenant(five.engine, connecting, tenant_id, own.display_name)
    if kind.costly:
        switch(five.engine, tenant_id)
    client = GraphClient(settings, tenant_id, Governor(OpenPurse()), QUICK)
    doors = WorkDoors(engine=five.engine, graph=lambda _: client, slice_seconds=60)
    try:
        await _until_all_ended(doors, tenant_id)
    finally:
        await client.aclose()


async def _until_all_ended(doors: WorkDoors, tenant_id: UUID) -> None:
    left = set(registry.datasets())
    for _ in range(_ROUNDS):
        waiting = doors.runs.request(tenant_id, left, clock.now())
        turn = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(_worked_off(claim, doors, turn) for claim in waiting))
        lines = {line.dataset: line for line in doors.runs.status(tenant_id, clock.now())}
        left = {
            name
            for name in left
            if lines[name].running or lines[name].pending or lines[name].finished_at is None
        }
        if not left:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"still under way: {sorted(left)}")


async def _worked_off(claim: Claim, doors: WorkDoors, turn: asyncio.Semaphore) -> None:
    """Work on a message and on what follows from it."""
    todo = [claim]
    while todo:
        async with turn:
            sent = await work_on(todo.pop(), doors)
        todo += [one.message for one in sent]


def _asked(five: Five, api: Api, kind: Kind) -> Side:
    tenant_id = UUID(five.ready.tenants[kind.number].tenant_id)
    answers = {}
    for key in registry.report_keys():
        answer = api.get(f"/v1/tenants/{tenant_id}/reports/{key}", top=1000, lang=kind.lang)
        assert answer.status == 200, (kind.name, key, answer.json)
        answers[key] = answer.json
    lines = Runs(five.engine).status(tenant_id, clock.now())
    ends = {line.dataset: (str(line.state), line.cause) for line in lines}
    return Side(kind, tenant_id, answers, ends)


_TOLD = """\
# What reports say of tenants that differ

One sandbox, five tenants, all that is on collected, each report asked for: whether it has rows, and which of its
datasets were not read in full, by state (`not_licensed`: not bought, `not_permitted`: not granted, `off`: it
takes many requests and is not switched on, `not_imported`: nobody sent the file) or cause (`names_concealed`: Microsoft
hides names in usage reports, so there is no row for anybody). The answer's `coverage` says so of each dataset, with
what it takes, in the language that was asked for. Of what was never read a column is null, or `unknown`.

This page is written by `tests/catalog/reports/test_side_by_side.py` (`SIDE_BY_SIDE=write`), which fails if it is not true.

"""
_MANY = 4


def page(five: Five) -> str:
    """Return the page of the documentation: what does not change with the day."""
    return _TOLD + table(five, figures=False)


def table(five: Five, *, figures: bool) -> str:
    """Return what each report says of each tenant, as Markdown: rows, and what was not read."""
    names = list(five.sides)
    lines = [f"| Report | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
    for key in registry.report_keys():
        cells = (_cell(side.answers[key], figures=figures) for side in five.sides.values())
        lines.append(f"| `{key}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(answer: Any, *, figures: bool) -> str:
    states: dict[str, list[str]] = {}
    for line in answer["coverage"]:
        if line["state"] != "ok":
            told = line["cause"] if line["state"] == "partial" else line["state"]
            states.setdefault(told, []).append(f"`{line['dataset']}`")
    count = answer["rowCount"]
    rows = str(count) if figures else "rows" if count else "no row"
    return "; ".join([rows, *(f"{state}: {_named(of)}" for state, of in sorted(states.items()))])


def _named(datasets: list[str]) -> str:
    return ", ".join(datasets) if len(datasets) <= _MANY else f"{len(datasets)} datasets"
