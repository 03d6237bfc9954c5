"""What may happen while one dataset is collected: Graph's bad days, crashes, replays, rivals, life."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from shared.core.errors import StoreUnavailable
from shared.core.messages import Claim
from tests.properties.world import World, end

HARMLESS = (
    "throttle", "throttle_silent", "unavailable", "gateway_timeout", "reset", "expired_token",
    "replay", "duplicate_rows", "empty_page", "slow",
)  # fmt: skip
HARMFUL = (
    "cut", "malformed_json", "garbage", "wrong_type", "server_error", "missing_permission",
    "missing_licence",
)  # fmt: skip
_DELIVERIES = 20

type Mood = Callable[[World, str, str], None]


def in_peace(world: World, dataset: str, _path: str = "") -> None:
    """Nothing happens."""
    for message in world.messages([dataset]):
        world.deliver(message)


def under_fire(world: World, dataset: str, path: str) -> None:
    """Graph misbehaves in two ways at once, for a while."""
    rules = [
        {
            "kind": kind,
            "path": path,
            "probability": 0.7,
            "count": world.dice.randrange(1, 6),
            "after": world.dice.randrange(0, 3),
            "retry_after": 0,
            "seconds": 0.1,
        }
        for kind in world.dice.sample(HARMLESS + HARMFUL, 2)
    ]
    world.diary.append(f"  {[rule['kind'] for rule in rules]}")
    world.admin.faults(*rules, seed=world.dice.randrange(1000))
    in_peace(world, dataset)


def after_delta_reset(world: World, dataset: str, path: str) -> None:
    """Graph has lost our place, once or again in the middle of starting over."""
    rule = {"kind": "delta_reset", "path": path, "count": world.dice.choice((1, 2))}
    world.admin.faults(rule, seed=world.dice.randrange(1000))
    in_peace(world, dataset)


def killed(world: World, dataset: str, _path: str) -> None:
    """A worker dies by kill -9 at a random instant; the message comes back."""
    for message in world.messages([dataset]):
        worker = world.worker(message)
        time.sleep(world.dice.uniform(0.0, 0.25))
        worker.kill()
        end(worker)
        world.deliver(message)


def rivalled(world: World, dataset: str, _path: str) -> None:
    """The queue hands one message to two workers at once."""
    for message in world.messages([dataset]):
        worker = world.worker(message)
        time.sleep(world.dice.uniform(0.0, 0.1))
        world.deliver(message)
        end(worker)
    # The part that follows may have been the other worker's to send: it died with its process.
    in_peace(world, dataset)


def replayed(world: World, dataset: str, _path: str) -> None:
    """Messages come twice, out of order, and long after they were done."""
    for message in world.messages([dataset]):
        sent, following = [message], world.work(message)
        while following is not None:
            # Whoever did it may have died before he could send: what follows is sent again until it is begun.
            again = world.work(world.dice.choice(sent))
            assert again in (None, following), "an older part did work again"
            sent.append(following)
            following = world.work(following)
        before = world.count(dataset)
        for again in world.dice.sample(sent, len(sent)):
            assert world.work(again) is None
        assert world.count(dataset) == before, "a message that came twice wrote rows"


def disconnected(world: World, dataset: str, _path: str) -> None:
    """PostgreSQL ends all of our sessions, again and again; the message comes back each time."""
    for message in world.messages([dataset]):
        with _meanwhile(lambda: _end_sessions(world)):
            _insist(world, message)
        _insist(world, message)  # idle sessions were ended too, and are found out on use


def _insist(world: World, message: Claim) -> None:
    following: Claim | None = message
    for _ in range(_DELIVERIES):
        try:
            while following is not None:
                following = world.work(following)
        except StoreUnavailable:
            continue
        return
    raise AssertionError("the database never came back")


def amid_life(world: World, dataset: str, _path: str) -> None:
    """The tenant goes on changing while it is being read."""
    seed = world.dice.randrange(1 << 30)

    def live() -> None:
        for step in range(4):
            world.admin.life(2, str(world.tenant_id), seed + step)

    with _meanwhile(live):
        in_peace(world, dataset)


MOODS: tuple[Mood, ...] = (
    in_peace, under_fire, under_fire, after_delta_reset, killed, rivalled, replayed, disconnected,
    amid_life,
)  # fmt: skip


@contextmanager
def _meanwhile(happens: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=happens)
    thread.start()
    try:
        yield
    finally:
        thread.join(300)
        assert not thread.is_alive(), "what happens meanwhile has no end"


def _end_sessions(world: World) -> None:
    with psycopg.connect(world.owner_url, autocommit=True) as owner:
        for _ in range(3):
            time.sleep(0.03)
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename <> current_user"
            )
