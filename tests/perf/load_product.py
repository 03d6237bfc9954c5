"""The measured processes of `load`, `quiet` and `growth`: Kanri's collect path from message to ledger."""

import asyncio
import os
from collections.abc import Mapping
from copy import replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.perf.fill import settle
from tests.perf.load_baselines import assert_stored, checkpoint
from tests.perf.measure import Figures, Meter

if TYPE_CHECKING:
    from shared.usecases.doors import WorkDoors

type Job = Mapping[str, Any]

# Small, and read first: it loads the modules, signs in, opens the connections.
_WARM_UP = "organization"


def first_load(job: Job) -> Figures:
    """Collect all users of a tenant that was never collected, by the queue function's use case."""
    return asyncio.run(_first_load(job))


async def _first_load(job: Job) -> Figures:
    tenant_id, rows = _worker(job), int(job["rows"])
    await collect_dataset(tenant_id, _WARM_UP)
    with Meter(job["admin"]) as meter:
        await collect_dataset(tenant_id, "users")
    assert_stored(job, "data.users", rows, "valid_to IS NULL")
    return meter.figures(rows)


def quiet_read(job: Job) -> Figures:
    """Collect all users, lose the delta link, and read everything again: the second read is timed."""
    return asyncio.run(_quiet_read(job))


async def _quiet_read(job: Job) -> Figures:
    tenant_id, rows = _worker(job), int(job["rows"])
    await collect_dataset(tenant_id, "users")
    _lose_delta_link(job)
    # Whoever looks at a row first marks it as committed, on a page that is logged in whole; by the
    # counting that is done before the second read.
    assert_stored(job, "data.users", rows)
    checkpoint(job["admin"])
    with Meter(job["admin"]) as meter:
        counts = await collect_dataset(tenant_id, "users")
    assert counts.unchanged == rows, counts
    assert_stored(job, "data.users", rows)
    written = counts.inserted + counts.updated + counts.closed
    figures = meter.figures(rows)
    return {**figures, "wal_50k_mb": figures["wal_mb"] / rows * 50_000, "versions": written}


# These need datasets only to tell how they were collected.
_OF_OWN_WORK = {"test", "service_incidents"}


def every_dataset(job: Job) -> Figures:
    """Collect what reports need of the tenant, parents before children, without a budget of requests.

    What costs many requests is switched on. The figures are of no interest.
    """
    return asyncio.run(_every_dataset(job))


async def _every_dataset(job: Job) -> Figures:
    from shared import wiring
    from shared.core.registry import collector, is_imported, report, report_keys
    from shared.core.work import After
    from shared.graph.client import GraphClient
    from shared.graph.governor import Governor
    from tests.fixtures.graph import OpenPurse
    from tests.fixtures.switched import switch

    tenant_id = _worker(job)
    switch(wiring.engine(), tenant_id)
    graph = GraphClient(wiring.settings(), tenant_id, Governor(OpenPurse()))
    doors = replace(wiring.work_doors(), graph=lambda _: graph)

    def above(dataset: str) -> tuple[str, ...]:
        """What is read before it, and it itself."""
        cadence = collector(dataset).cadence
        before = cadence.datasets if isinstance(cadence, After) else ()
        return (*chain.from_iterable(map(above, before)), dataset)

    needs = (report(key).needs for key in report_keys() if key not in _OF_OWN_WORK)
    needed = sorted({name for name in chain.from_iterable(needs) if not is_imported(name)})
    for dataset in dict.fromkeys(chain.from_iterable(map(above, needed))):
        # What Graph takes its time for is put off, and reports answer without.
        if collector(dataset).answer.job is None and collector(dataset).extent.ages is None:
            await collect_dataset(tenant_id, dataset, doors)
    await graph.aclose()
    settle(job["database"])
    return {"rows": int(job["rows"])}


async def collect_dataset(tenant_id: UUID, dataset: str, doors: "WorkDoors | None" = None) -> Any:
    """Collect one dataset to its end and return the ledger's counts; AssertionError unless ok."""
    from shared import wiring
    from shared.core.clock import now
    from shared.core.messages import Claim
    from shared.usecases.receive import receive

    doors = doors or wiring.work_doors()
    runs = doors.runs
    (claim,) = runs.request(tenant_id, [dataset], now())
    message: Claim | None = claim
    while message is not None:
        body = message.model_dump_json().encode()
        sent = [one.message for one in await receive(body, None, doors, "collect")]
        message = next((one for one in sent if one.run_id == claim.run_id), None)
    ledger = runs.ledger(tenant_id, dataset, 1)
    assert ledger, f"{dataset}: no ledger row"
    assert ledger[0].state == "ok", ledger[0]
    return ledger[0].counts


def _worker(job: Job) -> UUID:
    """Make this process a worker for the job's tenant and database; return the tenant's id."""
    tenant = job["tenant"]
    os.environ |= {
        "KANRI_DATABASE_URL": job["app_database"],
        "KANRI_GRAPH_ENDPOINT": tenant["graph_endpoint"],
        "KANRI_AUTHORITY_HOST": tenant["authority_host"],
        "KANRI_CA_FILE": tenant["ca_file"],
        "KANRI_CLIENT_ID": tenant["client_id"],
        "KANRI_CLIENT_SECRET": tenant["client_secret"],
        "KANRI_LOG_LEVEL": "WARNING",
    }
    from shared import wiring
    from shared.store.registers.tenants import Tenants

    wiring.logs()
    tenant_id = UUID(tenant["tenant_id"])
    Tenants(wiring.engine()).add(tenant_id, "Contoso")
    return tenant_id


def _lose_delta_link(job: Job) -> None:
    """Make the next run a full read, as after a 410 of Graph."""
    import psycopg

    with psycopg.connect(job["database"], autocommit=True) as connection:
        done = connection.execute(
            "UPDATE kanri.work_state SET checkpoint = NULL WHERE subject = 'users'"
        )
        assert done.rowcount == 1
