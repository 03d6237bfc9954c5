"""Estimates what it takes to read all of a dataset once: requests, units of its service, minutes.

From what is known of the tenant: the objects below which is read, the rows that fill pages, and the
budget of the service. The rest of what a service is asked for draws from the same budget.
"""

from collections.abc import Iterable, Iterator
from copy import replace
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from shared.core.collector import Collector
from shared.core.declarations import of
from shared.core.registry import collector
from shared.core.throttling import SERVICES
from shared.store.datasets.parents import Parents
from shared.store.registers.budgets import Budgets
from shared.store.registers.tenant_settings import TenantSettings
from shared.store.work.runs import Runs

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.work.run_records import DatasetStatus

# What Graph puts on a page unasked.
_PAGE = 100


class Cost(Struct, frozen=True, kw_only=True):
    """What all of it takes once: `requests` of so many `units` of the service, which grants them in
    so many `minutes`; in how many `days`, where a day's budget is set for it."""

    requests: int
    units: int
    minutes: float
    days: int | None


class Estimate(Struct, frozen=True, kw_only=True):
    """`parents` are the objects below which is read, None for what is read by itself. `waits_for` is
    the dataset that is to be read before any of it is known. `cost` is None where it is not known."""

    spec: Collector
    is_on: bool
    status: "DatasetStatus | None"
    parents: int | None = None
    waits_for: str | None = None
    cost: Cost | None = None


def estimates(
    engine: "Engine", tenant_id: UUID, names: Iterable[str], now: datetime
) -> Iterator[Estimate]:
    """Yield what each of the datasets takes of this tenant."""
    lines = {line.dataset: line for line in Runs(engine).status(tenant_id, now)}
    on = TenantSettings(engine).of(tenant_id).switched_on
    users = Budgets(engine).users(tenant_id)
    for name in names:
        spec, line = collector(name), lines.get(name)
        found = Estimate(spec=spec, is_on=spec.is_on(on), status=line)
        if spec.parent is None:
            requests = spec.extent.files or _pages(spec, line)
            yield found if requests is None else replace(found, cost=_cost(spec, requests, users))
        elif _is_known(lines.get(spec.parent)):
            parents = Parents(engine, spec, "").count(tenant_id, now)
            requests = parents + (_full_pages(spec, line) or 0)
            yield replace(found, parents=parents, cost=_cost(spec, requests, users))
        else:
            yield replace(found, waits_for=spec.parent)


def _is_known(line: "DatasetStatus | None") -> bool:
    return line is not None and (line.complete_at is not None or line.state == "partial")


def _pages(spec: Collector, line: "DatasetStatus | None") -> int | None:
    """Return the pages of all that is known; None where only time tells: of events, of what was never
    read, of what Graph has to make first."""
    if spec.answer.objects == 1:
        return 1
    full = _full_pages(spec, line)
    passes = spec.shape == "event" or spec.answer.job is not None
    return None if passes or full is None else full + 1


def _full_pages(spec: Collector, line: "DatasetStatus | None") -> int | None:
    return line.rows // (spec.ask.size or _PAGE) if line is not None and _is_known(line) else None


def _cost(spec: Collector, requests: int, users: int | None) -> Cost:
    units = requests * spec.cost
    budget = of(SERVICES)[spec.service].budget_for(users)
    minutes = max(units - budget.capacity, 0) / budget.rate / 60
    daily = spec.extent.daily
    days = None if daily is None else max(1, ceil(units / daily))
    return Cost(requests=requests, units=units, minutes=round(minutes, 1), days=days)
