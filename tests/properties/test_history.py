"""Whatever the tenant lives through and whatever breaks, `as of` is the truth that had been read.

A seeded random life of the sandbox tenant is collected again and again while Graph misbehaves,
workers are killed, sessions end, messages come twice; the sandbox's own journal is the judge.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from infra.local.postgres import Postgres
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.registry import collector
from tests.properties import truth
from tests.properties.moods import MOODS, in_peace
from tests.properties.world import World, small_world

STEPS = int(os.environ.get("HISTORY_STEPS", "2"))
SEEDS = [int(seed) for seed in os.environ.get("HISTORY_SEEDS", "1").split()]

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Good:
    """A good collection: between its end and the next one, the truth is known."""

    finished: datetime
    until: datetime
    dataset: str
    objects: dict[str, Any]


@pytest.mark.timeout(600 + 300 * STEPS)
@pytest.mark.parametrize("seed", SEEDS)
def test_as_of_equals_the_journal(
    seed: int,
    postgres_server: Postgres,
    empty_database: str,
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
) -> None:
    sandbox_admin.throttle(0)
    with small_world(empty_database, sandbox, sandbox_admin, seed) as world:
        good: list[Good] = []
        begun: dict[str, datetime] = {}
        for step in range(STEPS):
            sandbox_admin.life(world.dice.randrange(1, 12), str(world.tenant_id), seed * 97 + step)
            for dataset, source in truth.ENTITIES.items():
                _in_some_mood(world, dataset, source.path)
                good.append(_settle(world, dataset))
            for dataset, source in (truth.EVENTS | truth.MEASURES).items():
                begun.setdefault(dataset, clock.now())
                _in_some_mood(world, dataset, source.path)
                _settle_additions(world, dataset, begun[dataset])
        _compare_past_instants(world, good)
        for dataset, source in truth.ENTITIES.items():
            truth.check_ledger(world, dataset)
            if source.keeps_past:
                truth.check_history(world, dataset)
        for dataset in truth.EVENTS | truth.MEASURES:
            truth.check_ledger(world, dataset)


def _in_some_mood(world: World, dataset: str, path: str) -> None:
    mood = world.dice.choice(MOODS)
    world.diary.append(f"{clock.now()} {dataset} {mood.__name__}")
    mood(world, dataset, path)
    world.admin.clear_faults()


def _settle(world: World, dataset: str) -> Good:
    """Collect in peace, compare with the journal, collect once more: nothing may be written."""
    parent = collector(dataset).parent
    if parent is not None:  # which parents there are is for their own dataset to say
        in_peace(world, parent)
    expected = truth.truth(world, dataset)
    _end_well(world, dataset)
    finished = clock.now()
    assert truth.comparable(dataset, world.rows(dataset)) == expected, "\n".join(world.diary)
    versions = world.count(dataset)
    in_peace(world, dataset)
    assert world.count(dataset) == versions, f"a quiet run of {dataset} wrote versions"
    return Good(finished, clock.now(), dataset, expected)


def _end_well(world: World, dataset: str) -> None:
    """A run that goes on from the mood may have met an object nobody could read; the next has not."""
    in_peace(world, dataset)
    if world.state(dataset) == "partial":
        in_peace(world, dataset)
    assert world.state(dataset) == "ok"


def _settle_additions(world: World, dataset: str, since: datetime) -> None:
    """Collect what only grows until a run is good; the next one adds nothing."""
    told = truth.truth(world, dataset) if dataset in truth.EVENTS else {}
    _end_well(world, dataset)
    rows = world.count(dataset)
    in_peace(world, dataset)
    assert world.count(dataset) == rows > 0
    if dataset in truth.EVENTS:
        truth.check_events(world, dataset, told, since)


def _compare_past_instants(world: World, good: list[Good]) -> None:
    """Between a good collection and the next one, the past is what the journal said then."""
    for past in good:
        instant = past.finished + (past.until - past.finished) * world.dice.random()
        found = truth.comparable(past.dataset, world.rows(past.dataset, instant))
        assert found == past.objects, f"{past.dataset} as of {instant}"
    assert len(good) == STEPS * len(truth.ENTITIES)
