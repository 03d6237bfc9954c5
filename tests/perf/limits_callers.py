"""The measured process of `limits`: callers of three keys, beside those of a fourth that sends too much.

Everything goes over HTTP through two Functions hosts on one database. The fourth key's callers have a
process of their own, so that they do not hold up the clock of whoever measures.
"""

import http.client
import itertools
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.fixtures.children import child_process
from tests.perf.measure import Figures
from tests.perf.repeat import percentile

type Job = Mapping[str, Any]

CALLERS_OF_A_KEY = 25
_WINDOW = 60
# Of its limit, what a caller sends who keeps it.
_WITHIN = 0.8
# Seconds in which two hosts answer, or refuse, twice a quota.
_ENOUGH = 12

_ROOT = Path(__file__).resolve().parents[2]


def crowd(job: Job) -> Figures:
    """Measure three keys' callers beside a fourth within its limit, and beside ten times that."""
    for port in job["ports"]:
        for key in job["keys"][:4]:
            assert _Caller(job, key, port).ask() == 200
    within, _ = _phase(job, times=_WITHIN)
    beyond, statuses = _phase(job, times=10)
    figures = {
        "within p50 ms": percentile(within, 0.5),
        "within p99 ms": percentile(within, 0.99),
        "beyond p50 ms": percentile(beyond, 0.5),
        "beyond p99 ms": percentile(beyond, 0.99),
        "p99 x": percentile(beyond, 0.99) / percentile(within, 0.99),
        "HTTP 429": statuses.get(429, 0),
    }
    return {**figures, "through %": _let_through(job) / job["quota"] * 100}


def _phase(job: Job, times: float) -> tuple[list[float], Mapping[int, int]]:
    """Return the sorted milliseconds of the three keys, and the statuses of the fourth."""
    command = [sys.executable, "-m", "tests.perf.limits_callers"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": _ROOT}
    with child_process(command, **pipes) as fourth:
        assert fourth.stdin is not None
        assert fourth.stdout is not None
        fourth.stdin.write(json.dumps({**job, "times": times}) + "\n")
        fourth.stdin.flush()
        assert fourth.stdout.readline() == "sending\n"
        spans: list[float] = []
        ended = threading.Event()

        def timed(caller: _Caller) -> None:
            begun = time.perf_counter()
            assert caller.ask() == 200
            spans.append((time.perf_counter() - begun) * 1000)

        with _pacing(job, job["keys"][:3], times=_WITHIN, ended=ended, call=timed):
            time.sleep(job["seconds"])
            ended.set()
        answers, _ = fourth.communicate("enough\n", timeout=120)
    statuses = {int(status): count for status, count in json.loads(answers).items()}
    assert set(statuses) <= {200, 429}, statuses
    return sorted(spans), statuses


class _Caller:
    """One caller of a key, at one of the hosts."""

    def __init__(self, job: Job, key: str, port: int) -> None:
        self._path = f"/api/v1/tenants/{job['tenant']}/reports/users?top=5"
        self._headers = {"x-api-key": key}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self) -> int:
        self._connection.request("GET", self._path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        # Opened anew each time: the host ends a connection that is idle for some seconds.
        self._connection.close()
        return answer.status


class _pacing:  # noqa: N801  (used as a statement)
    """Lets callers of keys ask, `times` their limit together, until `ended`; both hosts by turns."""

    def __init__(
        self,
        job: Job,
        keys: list[str],
        *,
        times: float,
        ended: threading.Event,
        call: Callable[[_Caller], None],
    ) -> None:
        self._pause = CALLERS_OF_A_KEY * _WINDOW / (job["quota"] * times)
        self._ended, self._call = ended, call
        ports = itertools.cycle(job["ports"])
        callers = [_Caller(job, key, next(ports)) for key in keys for _ in range(CALLERS_OF_A_KEY)]
        self._threads = ThreadPoolExecutor(len(callers))
        self._asking = [self._threads.submit(self._go_on, caller) for caller in callers]

    def _go_on(self, caller: _Caller) -> None:
        self._ended.wait(random.random() * self._pause)
        while not self._ended.is_set():
            begun = time.monotonic()
            self._call(caller)
            self._ended.wait(max(0.0, self._pause - (time.monotonic() - begun)))

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for asking in self._asking:
            asking.result(timeout=120)
        self._threads.shutdown()


def _let_through(job: Job) -> int:
    """Send twice the quota of the fifth key to both hosts in one window; return how many went."""
    left = _WINDOW - time.time() % _WINDOW
    if left < _ENOUGH:
        time.sleep(left)
    window = time.time() // _WINDOW
    ports = itertools.cycle(job["ports"])
    callers = [_Caller(job, job["keys"][4], next(ports)) for _ in range(16)]
    each = 2 * int(job["quota"]) // len(callers)
    with ThreadPoolExecutor(len(callers)) as threads:
        statuses = Counter(
            status
            for found in threads.map(lambda one: [one.ask() for _ in range(each)], callers)
            for status in found
        )
    assert time.time() // _WINDOW == window, "they were not sent within a window"
    assert set(statuses) == {200, 429}, statuses
    return statuses[200]


def _send(job: Job) -> None:
    """Send as the fourth key does until the next line of standard input; print the statuses."""
    statuses: Counter[int] = Counter()
    ended = threading.Event()

    def count(caller: _Caller) -> None:
        statuses[caller.ask()] += 1

    with _pacing(job, job["keys"][3:4], times=job["times"], ended=ended, call=count):
        print("sending", flush=True)
        sys.stdin.readline()
        ended.set()
    print(json.dumps(statuses), flush=True)


if __name__ == "__main__":
    _send(json.loads(sys.stdin.readline()))
