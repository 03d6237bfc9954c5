"""Many tenants at once: nobody's datasets wait behind all of somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.messages import Claim
from shared.core.registry import collector, datasets
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from tests.fixtures.works import collecting

pytestmark = [pytest.mark.stack, pytest.mark.slow]

EVERY = {name: collector(name).every for name in datasets()}
WORKS = collecting(EVERY)
NEWCOMERS = 30


def finish(runs: Runs, claim: Claim, now: datetime) -> None:
    run = runs.open(claim, now)
    assert isinstance(run, Run)
    runs.finish(run, "ok", now=now)


def test_many_new_tenants_do_not_push_back_the_others(app_engine: Engine) -> None:
    runs, tenants = Runs(app_engine), Tenants(app_engine)
    old = uuid4()
    tenants.add(old, "Contoso")
    start = clock.now()
    for claim in runs.claim_due(start, WORKS):
        finish(runs, claim, start)
    for number in range(NEWCOMERS):
        tenants.add(uuid4(), f"Newcomer {number}")
    due = {name for name, every in EVERY.items() if every <= timedelta(hours=1)}
    queue: list[Claim] = []
    claimed: list[str] = []
    for minute in range(2 * len(due)):
        tick = start + timedelta(hours=1, minutes=minute)
        claims = runs.claim_due(tick, WORKS, limit=60)
        served = {claim.tenant_id for claim in claims[: NEWCOMERS + 1]}
        assert minute > 0 or len(served) == NEWCOMERS + 1, "one dataset each, to begin with"
        claimed += [claim.subject for claim in claims if claim.tenant_id == old]
        queue += claims
        for claim in queue[:35]:
            finish(runs, claim, tick)
        del queue[:35]
    assert set(claimed) >= due, "the newcomers alone have work for 14 minutes"


def test_no_more_is_sent_while_the_queue_is_full(app_engine: Engine) -> None:
    runs, tenants = Runs(app_engine), Tenants(app_engine)
    for number in range(4):
        tenants.add(uuid4(), f"Tenant {number}")
    now = clock.now()
    first = runs.claim_due(now, WORKS, limit=20)
    assert len(first) == 20
    assert runs.claim_due(now + timedelta(minutes=1), WORKS, limit=20) == []
    for claim in first[:3]:
        finish(runs, claim, now)
    assert len(runs.claim_due(now + timedelta(minutes=2), WORKS, limit=20)) == 3
    again = runs.claim_due(now + timedelta(minutes=16), WORKS, limit=20)
    assert len(again) == 17, "three are on their way"
    assert set(first[4:]) & set(again), "what got lost is sent again"


def test_one_tenant_alone_is_claimed_all_at_once(app_engine: Engine) -> None:
    Tenants(app_engine).add(uuid4(), "Contoso")
    assert len(Runs(app_engine).claim_due(clock.now(), WORKS)) == len(EVERY)


def test_ticks_that_overlap_claim_nothing_twice(app_engine: Engine) -> None:
    runs, tenants = Runs(app_engine), Tenants(app_engine)
    for number in range(8):
        tenants.add(uuid4(), f"Tenant {number}")
    now, everything = clock.now(), 8 * len(EVERY)
    with ThreadPoolExecutor(4) as pool:
        ticks = list(pool.map(lambda _: runs.claim_due(now, WORKS, limit=everything), range(4)))
    claims = [claim for tick in ticks for claim in tick]
    claims += runs.claim_due(now, WORKS, limit=everything)
    assert len({(claim.tenant_id, claim.subject) for claim in claims}) == everything
    assert len(claims) == everything
