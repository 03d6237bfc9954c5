"""Shares of the worker: nobody takes all of one, who waits comes in by turns, who asks too much is told."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from shared.core.errors import TooManyRequests
from shared.web.shares import Share, Shares

_BOUND = 60.0


class Desk:
    """Work that lasts until it is released; tells who is being served, in order."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.begun: list[str] = []
        self._gates: dict[str, threading.Event] = {}
        self._tasks: dict[str, asyncio.Task[str]] = {}

    def ask(self, name: str, *claimants: str) -> None:
        """Let `claimants` ask for the piece of work `name`."""
        gate = self._gates[name] = threading.Event()

        def work() -> str:
            self.begun.append(name)
            assert gate.wait(_BOUND)
            return name

        self._tasks[name] = asyncio.create_task(self.share.run(claimants, work))

    async def serving(self, *names: str) -> None:
        """Wait until exactly these have been begun, in any order."""
        async with asyncio.timeout(_BOUND):
            while sorted(self.begun) != sorted(names):
                assert len(self.begun) <= len(names), self.begun
                await asyncio.sleep(0.005)

    async def release(self, name: str) -> None:
        """Let the work `name` end."""
        self._gates[name].set()
        assert await asyncio.wait_for(self._tasks[name], _BOUND) == name

    async def close(self) -> None:
        """Let everything end."""
        for gate in self._gates.values():
            gate.set()
        await asyncio.wait_for(
            asyncio.gather(*self._tasks.values(), return_exceptions=True), _BOUND
        )


def run(story: Callable[[Desk], object], share: Share) -> None:
    async def play() -> None:
        desk = Desk(share)
        try:
            await story(desk)  # type: ignore[misc]
        finally:
            await desk.close()

    asyncio.run(play())


def test_one_caller_leaves_a_thread_to_the_others() -> None:
    async def story(desk: Desk) -> None:
        for number in range(6):
            desk.ask(f"greedy{number}", "greedy")
        await desk.serving("greedy0", "greedy1")
        desk.ask("modest", "modest")
        await desk.serving("greedy0", "greedy1", "modest")
        await desk.release("modest")
        assert desk.begun == ["greedy0", "greedy1", "modest"]

    run(story, Share(3, each=2))


def test_many_keys_of_one_tenant_are_one_claimant() -> None:
    async def story(desk: Desk) -> None:
        for number in range(6):
            desk.ask(f"key{number}", f"key:{number}", "tenant:a")
        await desk.serving("key0", "key1")
        desk.ask("other", "key:9", "tenant:b")
        await desk.serving("key0", "key1", "other")

    run(story, Share(3, each=2))


def test_who_has_least_comes_next_and_then_who_waited_longest() -> None:
    async def story(desk: Desk) -> None:
        for name in ("a1", "a2", "b1"):
            desk.ask(name, name[0])
        await desk.serving("a1", "a2", "b1")
        for name in ("a3", "a4", "b2", "c1"):
            desk.ask(name, name[0])
            await asyncio.sleep(0)
        await desk.release("a1")
        await desk.serving("a1", "a2", "b1", "c1")
        await desk.release("b1")
        await desk.serving("a1", "a2", "b1", "c1", "b2")
        await desk.release("c1")
        await desk.serving("a1", "a2", "b1", "c1", "b2", "a3")

    run(story, Share(3, each=2))


def test_who_has_too_much_waiting_is_refused_at_once_and_others_are_not() -> None:
    async def story(desk: Desk) -> None:
        desk.ask("first", "greedy")
        await desk.serving("first")
        desk.ask("second", "greedy")
        await asyncio.sleep(0)
        with pytest.raises(TooManyRequests, match="caller_busy") as caught:
            await desk.share.run(("greedy",), lambda: None)
        assert caught.value.retry_after > 0
        desk.ask("other", "other")
        await desk.release("first")
        await desk.serving("first", "second")

    run(story, Share(1, each=1, waiting=1))


def test_a_turn_that_does_not_come_ends_in_a_refusal_and_is_forgotten() -> None:
    async def story(desk: Desk) -> None:
        desk.ask("long", "a")
        await desk.serving("long")
        with pytest.raises(TooManyRequests, match="worker_busy"):
            await desk.share.run(("b",), lambda: None)
        await desk.release("long")
        assert await desk.share.run(("b",), lambda: "served") == "served"

    run(story, Share(1, each=1, patience=0.05))


def test_work_that_fails_gives_its_thread_back() -> None:
    async def story(desk: Desk) -> None:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await desk.share.run(("a",), lambda: 1 // 0)
        assert await desk.share.run(("a",), lambda: 1) == 1

    run(story, Share(1, each=1))


@pytest.mark.parametrize("sessions", range(5, 40))
def test_shares_divide_the_pool(sessions: int) -> None:
    """Readers, exports and administration together leave one session for entry and readiness."""
    shares = Shares.of(sessions)
    long = shares.reading.threads + shares.export.threads + shares.administration.threads
    assert long == sessions - 1
    assert shares.reading.threads >= 2


def test_everybody_comes_in_whom_one_who_leaves_was_in_the_way_of() -> None:
    async def story(desk: Desk) -> None:
        desk.ask("first", "key-1", "tenant-1")
        await desk.serving("first")
        desk.ask("same key", "key-1", "tenant-2")
        desk.ask("same tenant", "key-2", "tenant-1")
        await asyncio.sleep(0)  # both wait, though a thread is free
        assert desk.begun == ["first"]
        await desk.release("first")
        await desk.serving("first", "same key", "same tenant")

    run(story, Share(2, each=1))


def test_who_goes_away_while_waiting_leaves_his_turn_to_others() -> None:
    async def story(desk: Desk) -> None:
        desk.ask("first", "a")
        await desk.serving("first")
        gone = asyncio.create_task(desk.share.run(("b",), lambda: None))
        await asyncio.sleep(0)  # it waits
        gone.cancel()
        await asyncio.wait([gone], timeout=_BOUND)
        assert gone.cancelled()
        await desk.release("first")
        desk.ask("next", "c")
        await desk.serving("first", "next")

    run(story, Share(1, each=1))


def test_who_goes_away_just_when_his_turn_comes_leaves_it_to_others() -> None:
    async def story(desk: Desk) -> None:
        share = desk.share
        assert await share.run(("a",), lambda: "warm") == "warm"
        inside, open_ = threading.Event(), threading.Event()

        def hold() -> None:
            inside.set()
            assert open_.wait(_BOUND)

        holder = asyncio.create_task(share.run(("a",), hold))
        assert await asyncio.to_thread(inside.wait, _BOUND)
        gone = asyncio.create_task(share.run(("b",), lambda: None))
        await asyncio.sleep(0)
        # Both in one step of the loop: the turn is given to one who is already leaving.
        holder.add_done_callback(lambda _: gone.cancel())
        open_.set()
        await asyncio.wait([holder, gone], timeout=_BOUND)
        desk.ask("next", "c")
        await desk.serving("next")

    run(story, Share(1, each=1))
