"""The engine of work: cadences, what waits for other work, the outbox, and rivals."""

import asyncio
import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Never
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from infra.local.repository import ROOT
from shared.core import clock
from shared.core.messages import Claim
from shared.core.registry import collector, datasets, of
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT, WORKS, After, At, Cadence, Outgoing
from shared.store.registers.tenants import Tenants
from shared.store.session.sessions import operator_session
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from shared.usecases.dispatch import bodies, dispatch
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import receive, work_on
from tests.fixtures.children import run_child
from tests.fixtures.works import collecting

pytestmark = pytest.mark.stack

HOUR = timedelta(hours=1)
BELOW: dict[str, timedelta | Cadence] = {"groups": HOUR, "members": After(("groups",), HOUR)}


def no_graph(_: UUID) -> Never:
    raise AssertionError("this work asks Graph nothing")


@pytest.fixture
def doors(app_engine: Engine) -> WorkDoors:
    """A database without a tenant."""
    return WorkDoors(engine=app_engine, graph=no_graph, slice_seconds=60)


@pytest.fixture
def tenant_id(app_engine: Engine) -> UUID:
    """One tenant."""
    return Tenants(app_engine).add(uuid4(), "Contoso").tenant_id


def subjects(claims: list[Claim]) -> list[str]:
    return [claim.subject for claim in claims]


def opened(runs: Runs, claim: Claim, at: datetime) -> Run:
    run = runs.open(claim, at)
    assert isinstance(run, Run)
    return run


def test_every_kind_goes_to_a_queue_that_has_a_function() -> None:
    assert {"collect", "maintain"} <= set(of(WORKS))
    assert [work.kind for work in of(WORKS).values()] == list(of(WORKS))
    sources = {file.stem: file.read_text() for file in (ROOT / "functions").glob("*_*.py")}
    for work in of(WORKS).values():
        assert f"queue_{work.queue}" in sources
        assert f"queue_{work.queue}_poison" in sources
        for sender in ("timer_dispatch", *(f"queue_{one.queue}" for one in of(WORKS).values())):
            assert (
                f'bodies({"due" if "timer" in sender else "sent"}, "{work.queue}")'
                in sources[sender]
            )


def upkeep(doors: WorkDoors, now: datetime) -> list[Outgoing]:
    """What of the nightly upkeep is due: the deployment has other work, at other times."""
    return [sent for sent in dispatch(doors.runs, now) if sent.message.kind == "maintain"]


def test_maintenance_is_due_at_its_time_of_the_night_and_once(doors: WorkDoors) -> None:
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    assert upkeep(doors, noon) == []
    night = (noon + timedelta(days=1)).replace(hour=3, minute=30)
    assert upkeep(doors, night - timedelta(seconds=1)) == []
    with ThreadPoolExecutor(4) as pool:
        ticks = [pool.submit(upkeep, doors, night) for _ in range(4)]
        [one] = [sent for tick in ticks for sent in tick.result(60)]
    assert (one.queue, one.message.kind, one.message.tenant_id) == (
        "collect",
        "maintain",
        DEPLOYMENT,
    )
    assert one.message.model_dump_json() in bodies([one], "collect")
    body = one.message.model_dump_json().encode()

    def deliver(number: int) -> list[object]:
        return list(asyncio.run(receive(body, f"m{number}", doors, "collect")))

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(deliver, range(2))] == [[], []]
    [row] = doors.runs.ledger(DEPLOYMENT, kind="maintain")
    assert (row.dataset, row.state, row.trigger) == ("partitions", "ok", "schedule")
    assert DeadLetters(doors.engine).count() == 0
    following = At("30 3 * * *").next_after(row.finished_at)
    assert upkeep(doors, following - timedelta(seconds=1)) == []
    [again] = upkeep(doors, following)
    assert again.message.run_id != row.run_id


def test_what_is_below_begins_when_its_parent_has_been_read(
    doors: WorkDoors, tenant_id: UUID
) -> None:
    runs, works, now = doors.runs, collecting(BELOW), clock.now()
    [parent] = runs.claim_due(now, works)
    assert parent.subject == "groups"
    assert runs.claim_due(now + timedelta(minutes=1), works) == [], "nobody waits in a worker"
    [child] = runs.finish(opened(runs, parent, now), "ok", now=now, then=works)
    assert (child.subject, child.part, child.trigger) == ("members", 0, "schedule")
    assert runs.claim_due(now + timedelta(minutes=1), works) == [], "it has been sent"
    assert runs.finish(opened(runs, child, now), "ok", now=now, then=works) == []
    [again] = runs.claim_due(now + HOUR, works, limit=1)
    assert again.subject == "groups"
    follows = runs.finish(opened(runs, again, now + HOUR), "ok", now=now + HOUR, then=works)
    assert subjects(follows) == ["members"]


def test_what_is_below_is_due_by_itself_when_its_parent_keeps_failing(
    doors: WorkDoors, tenant_id: UUID
) -> None:
    runs, works, now = doors.runs, collecting(BELOW), clock.now()
    [parent] = runs.claim_due(now, works)
    runs.finish(opened(runs, parent, now), "failed", now=now, cause="graph_refused")
    assert subjects(runs.claim_due(now, works)) == ["members"], "its run says what it lacks"


def test_several_wait_for_one_and_all_are_sent(doors: WorkDoors, tenant_id: UUID) -> None:
    both = {**BELOW, "owners": After(("groups",), HOUR), "deep": After(("groups", "users"), HOUR)}
    runs, works, now = doors.runs, collecting({**both, "users": HOUR}), clock.now()
    sent = {claim.subject: claim for claim in runs.claim_due(now, works)}
    assert set(sent) == {"groups", "users"}
    first = runs.finish(opened(runs, sent["groups"], now), "ok", now=now, then=works)
    assert subjects(first) == ["members", "owners"]
    last = runs.finish(opened(runs, sent["users"], now), "partial", now=now, then=works)
    assert subjects(last) == ["deep"]


@pytest.mark.parametrize("how", ["finish", "hand_over"])
def test_what_was_decided_is_sent_although_the_decider_was_killed(
    doors: WorkDoors, tenant_id: UUID, app_settings: Settings, how: str
) -> None:
    """Killed between the transaction that decides and the sending: sent once, done once."""
    runs, now = doors.runs, clock.now()
    sent = {one.message.subject: one.message for one in dispatch(runs, now)}
    killed = run_child(
        [sys.executable, "-m", "tests.usecases.sender", how, sent["groups"].model_dump_json()],
        cwd=ROOT,
        env=os.environ | {"KANRI_DATABASE_URL": app_settings.database_url},
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    lost = "members" if how == "finish" else "groups"
    told = json.loads(killed.stdout.replace("'", '"'))
    below = sorted(name for name in datasets() if collector(name).parent == "groups")
    assert told == (below if how == "finish" else [lost])
    tick = now + timedelta(minutes=1)
    early = [one.message for one in dispatch(runs, tick) if one.message.tenant_id == tenant_id]
    assert early == [], "it may be on its way"
    later = clock.now() + timedelta(minutes=15)
    again = {one.message.subject: one.message for one in dispatch(runs, later)}
    claim = again[lost]
    assert claim.part == (0 if how == "finish" else 1)
    run = opened(runs, claim, later)
    assert run.checkpoint == (None if how == "finish" else {"page": 7})
    runs.finish(run, "ok", now=later)
    assert runs.open(claim, later) == "duplicate", "should the first copy turn up after all"
    assert len(runs.ledger(tenant_id, lost)) == 1


def test_two_rivals_collect_each_dataset_once(doors: WorkDoors, tenant_id: UUID) -> None:
    """Two apps on one database: what one has claimed or opened the other leaves alone."""
    now, runs = clock.now(), (doors.runs, Runs(doors.engine))
    with ThreadPoolExecutor(2) as pool:
        ticks = [*pool.map(lambda rival: dispatch(rival, now), runs)]
    claims = [one.message for sent in ticks for one in sent]
    below = {name for name in datasets() if collector(name).parent is not None}
    assert sorted(subjects(claims)) == sorted(set(datasets()) - below)
    for claim in claims:
        runs[0].finish(opened(runs[0], claim, now), "ok", now=now)
        assert runs[1].open(claim, now) == "duplicate"
    assert len(doors.runs.ledger(tenant_id, limit=1000)) == len(claims)


def test_a_kind_that_nobody_knows_and_a_subject_that_is_gone_are_kept(
    doors: WorkDoors, tenant_id: UUID
) -> None:
    stray = Claim(kind="maintain", tenant_id=DEPLOYMENT, subject="roof", run_id=uuid4())
    for claim in (stray, stray.model_copy(update={"kind": "roofing"})):
        body = claim.model_dump_json().encode()
        assert asyncio.run(receive(body, str(claim.kind), doors, "collect")) == []
    causes = [letter.cause for letter in DeadLetters(doors.engine).all()]
    assert causes == ["message_malformed", "subject_unknown"]
    with operator_session(doors.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM kanri.work_state")).scalar_one() == 0


def test_work_of_the_deployment_needs_no_tenant_and_shows_in_no_tenants_ledger(
    doors: WorkDoors, tenant_id: UUID
) -> None:
    [claim] = doors.runs.request(DEPLOYMENT, ["partitions"], clock.now(), kind="maintain")
    assert asyncio.run(work_on(claim, doors)) == []
    assert doors.runs.ledger(tenant_id) == doors.runs.ledger(DEPLOYMENT) == []
    assert of(WORKS)["maintain"].cadence("partitions") is not None
    doors.runs.request(tenant_id, ["domains"], clock.now())
    assert [line.dataset for line in doors.runs.status(tenant_id, clock.now())] == ["domains"]
