"""Tells a tenant that did not buy a service from one in which nobody has anything of it."""

import asyncio

from shared.core import clock
from shared.core.collector import PLANS
from shared.core.errors import GraphUnavailable, NotLicensed
from shared.graph.batch import read_children
from shared.store.datasets.service_plans import owns_plan
from shared.usecases.collection import Collection


async def check_nothing(c: Collection) -> None:
    """Raise NotLicensed where a list had nothing, now as ever, and the tenant owns no plan of its service.

    What is read below parents is checked before it is read.
    """
    if not c.collector.plans or c.collector.parent is not None or c.run.counts.read:
        return
    lines = await asyncio.to_thread(c.doors.runs.status, c.run.tenant_id, clock.now())
    if any(line.dataset == c.run.dataset and line.rows for line in lines):
        return
    owned = await asyncio.to_thread(owns_plan, c.doors.engine, c.run.tenant_id, c.collector.plans)
    if owned is False:
        raise NotLicensed("no_service_plan", plans=", ".join(c.collector.plans))


async def check_licence(c: Collection) -> None:
    """Raise NotLicensed where the tenant owns no plan of the service, and one of its people has none of it.

    Asked of everybody, the service would say of each that there is nothing, as if that were all.
    """
    owned = await asyncio.to_thread(owns_plan, c.doors.engine, c.run.tenant_id, c.collector.plans)
    if owned is None:
        lines = await asyncio.to_thread(c.doors.runs.status, c.run.tenant_id, clock.now())
        if any(line.dataset == PLANS and (line.running or line.pending) for line in lines):
            raise GraphUnavailable("parent_under_way", dataset=PLANS)
    if owned is not False:
        return
    following, at = c.parents.following, c.run.started_at
    parents = await asyncio.to_thread(following, c.run.tenant_id, None, 1, None, at)
    for answer in await read_children(c.graph, c.collector, parents) if parents else ():
        if answer.passing and answer.refusal is not None:
            raise answer.refusal
        if answer.page is not None and answer.page.rows.ids:
            return
    raise NotLicensed("no_service_plan", plans=", ".join(c.collector.plans))
