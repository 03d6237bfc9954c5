"""Whatever the tenant lives through and whatever breaks, `as of` is the truth that had been read.

A seeded random life of the sandbox tenant, with faults, replays, delta resets and killed workers,
is collected again and again; the sandbox's own journal is the judge.
"""

import os
from typing import Any

import pytest

from infra.local.postgres import Postgres
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from tests.properties.world import World, small_world

# The last two are read after the first three: members fan out over the groups that are known.
DATASETS = ("users", "groups", "members", "conditional_access_policies", "role_assignments")
PATHS = {
    "users": "/users/delta",
    "groups": "/groups/delta",
    "members": r"\$batch|/members",
    "conditional_access_policies": "/policies",
    "role_assignments": "/roleAssignments",
}
HARMLESS = ("throttle", "throttle_silent", "unavailable", "reset", "replay", "empty_page", "slow")
HARMFUL = ("cut", "malformed_json", "garbage", "wrong_type", "server_error", "missing_permission")
STEPS = int(os.environ.get("HISTORY_STEPS", "4"))
SEEDS = [int(seed) for seed in os.environ.get("HISTORY_SEEDS", "1").split()]

pytestmark = [pytest.mark.stack, pytest.mark.slow]


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
        for step in range(STEPS):
            sandbox_admin.life(world.dice.randrange(1, 8), str(world.tenant_id), step)
            for dataset in DATASETS:
                _collect_somehow(world, dataset)
        _compare_past_instants(world)


def _collect_somehow(world: World, dataset: str) -> None:
    """One collection in a random mood, checked; then a good one, recorded; then a quiet one."""
    mood = world.dice.choice((_in_peace, _under_fire, _killed, _replayed, _after_delta_reset))
    before = world.rows(dataset)
    mood(world, dataset)
    world.admin.clear_faults()
    truth = world.truth(dataset)
    lost = set(before) - set(world.rows(dataset))
    assert not lost & set(truth), f"{mood.__name__} closed {dataset} that still exist"

    _in_peace(world, dataset)
    assert world.state(dataset) == "ok"
    finished = clock.now()
    assert _comparable(dataset, world.rows(dataset)) == _comparable(dataset, truth)

    versions = world.versions(dataset)
    _in_peace(world, dataset)
    assert world.versions(dataset) == versions, f"a quiet run of {dataset} wrote versions"
    world.seen.append((finished, clock.now(), dataset, truth))


def _in_peace(world: World, dataset: str) -> None:
    for message in world.messages([dataset]):
        world.deliver(message)


def _under_fire(world: World, dataset: str) -> None:
    kinds = world.dice.sample(HARMLESS + HARMFUL, 2)
    rules = [
        {
            "kind": kind,
            "path": PATHS[dataset],
            "probability": 0.7,
            "count": world.dice.randrange(1, 6),
            "after": world.dice.randrange(0, 2),
            "seconds": 0.2,
        }
        for kind in kinds
    ]
    world.admin.faults(*rules, seed=world.dice.randrange(1000))
    _in_peace(world, dataset)


def _killed(world: World, dataset: str) -> None:
    for message in world.messages([dataset]):
        world.deliver_and_kill(message, after=world.dice.uniform(0.0, 0.6))
        world.deliver(message)


def _replayed(world: World, dataset: str) -> None:
    for message in world.messages([dataset]):
        world.deliver(message)
        versions = world.versions(dataset)
        world.deliver(message)
        assert world.versions(dataset) == versions, "a message that came twice wrote versions"


def _after_delta_reset(world: World, dataset: str) -> None:
    world.admin.faults({"kind": "delta_reset", "path": PATHS[dataset], "count": 1})
    _in_peace(world, dataset)


def _compare_past_instants(world: World) -> None:
    """Between a good collection and the next one, the past is what the journal said then."""
    compared = 0
    for finished, until, dataset, truth in world.seen:
        instant = finished + (until - finished) * world.dice.random()
        found = _comparable(dataset, world.rows(dataset, instant))
        assert found == _comparable(dataset, truth), f"{dataset} as of {instant}"
        compared += 1
    assert compared == STEPS * len(DATASETS)


def _comparable(dataset: str, objects: dict[str, Any]) -> dict[str, Any]:
    """What both sides know: members are edges; a property that was never set may be absent or null."""
    if dataset == "members":
        return dict.fromkeys(objects)

    def shown(item: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in item.items()
            if value is not None and name != "principal" and not name.startswith("@")
        }

    return {key: shown(item) for key, item in objects.items()}
