"""Thirty days are lived in a moment: the schedule, the ledger and the budgets go by one clock."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Never
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.work import DEPLOYMENT
from shared.store.registers.budgets import Budgets
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.usecases.dispatch import dispatch
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import work_on

pytestmark = pytest.mark.stack

DAY = timedelta(days=1)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A clock that this process follows, not moved yet."""
    clock.follow(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.follow(None)


def no_graph(_: UUID) -> Never:
    raise AssertionError("this work asks Graph nothing")


def test_thirty_nights_are_maintained_and_each_day_is_due(app_engine: Engine, file: Path) -> None:
    doors = WorkDoors(engine=app_engine, graph=no_graph, slice_seconds=60)
    tenant_id = Tenants(app_engine).add(uuid4(), "Contoso").tenant_id
    start, domains = clock.now(), 0
    dispatch(doors.runs, start)
    for _ in range(30):
        clock.move(file, DAY)
        for one in dispatch(doors.runs, clock.now()):
            if one.message.kind == "maintain":
                assert asyncio.run(work_on(one.message, doors)) == []
            elif one.message.subject == "domains":
                run = doors.runs.open(one.message, clock.now())
                assert isinstance(run, Run)
                doors.runs.finish(run, "ok", now=clock.now())
                domains += 1
    nights = doors.runs.ledger(DEPLOYMENT, kind="maintain")
    assert len(nights) == 30
    assert {row.state for row in nights} == {"ok"}
    lived = nights[0].finished_at - nights[-1].finished_at
    assert 29 * DAY <= lived < 29 * DAY + timedelta(hours=1)
    assert domains == 30
    assert doors.runs.ledger(tenant_id)[0].finished_at > start + 29 * DAY


def test_a_penalty_is_over_when_the_time_has_been_moved_beyond_it(
    app_engine: Engine, file: Path
) -> None:
    budgets, tenant_id = Budgets(app_engine), uuid4()
    budgets.penalize("app", tenant_id, "directory", 3600)
    assert budgets.blocked("app", tenant_id, "directory")
    limits = {"rate": 1.0, "capacity": 10.0, "cost": 1.0, "max_wait": 0.0}
    assert budgets.reserve("app", tenant_id, "directory", **limits) < -3000
    clock.move(file, timedelta(minutes=59))
    assert budgets.blocked("app", tenant_id, "directory")
    clock.move(file, timedelta(minutes=2))
    assert not budgets.blocked("app", tenant_id, "directory")
    clock.move(file, timedelta(minutes=1))
    assert budgets.reserve("app", tenant_id, "directory", **limits) == 0
