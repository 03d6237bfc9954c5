"""The measured processes of `flood`: one caller asks for all he can, others want one small answer.

Everything goes over HTTP through the Functions host and Microsoft's library worker. The flood has a
process of its own, so that its threads do not hold up the clock of whoever measures.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.fixtures.children import child_process
from tests.perf.measure import Figures
from tests.perf.repeat import percentile

type Job = Mapping[str, Any]

SLOW_REPORTS, EXPORTS = 24, 6

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 120.0

# What no index serves: every row is looked at ten times, and once more to count them.
_SLOW = {
    "filter": " or ".join(f"contains(job_title,'zz{n}')" for n in range(10)),
    "count": "true",
    "top": "1",
}


def quiet(job: Job) -> Figures:
    """Ask for liveness and a small report while nobody else asks for anything."""
    return _probed(job)


def flooded(job: Job) -> Figures:
    """Ask for the same while another caller keeps 24 slow reports and 6 exports going."""
    command = [sys.executable, "-m", "tests.perf.flood_callers"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": _ROOT}
    with child_process(command, **pipes) as flood:
        assert flood.stdin is not None
        assert flood.stdout is not None
        flood.stdin.write(json.dumps(dict(job)) + "\n")
        flood.stdin.flush()
        assert flood.stdout.readline() == "flooding\n"
        figures = _probed(job)
        answers, _ = flood.communicate("enough\n", timeout=600)
    statuses = {int(status): count for status, count in json.loads(answers).items()}
    assert set(statuses) <= {200, 429, 503}, statuses
    return {**figures, **{f"HTTP {status}": statuses.get(status, 0) for status in (200, 429, 503)}}


def exports(job: Job) -> Figures:
    """Fetch six exports at once; the peak memory of the worker, and what is held beyond its start."""
    _get(job, "small_key", job["small"], {"top": "1"})
    before = _worker_peak_mb(job["host_pid"])
    headers = {"accept-encoding": job["accepts"]}
    begun = time.perf_counter()

    def fetch(_number: int) -> int:
        while True:
            status, told, body = _get(job, "big_key", job["big"], {"format": "csv"}, headers)
            if status == 200:
                assert told["kanri-row-count"] == str(job["rows"])
                return len(body)
            assert status == 429, (status, body[:300])
            time.sleep(float(told["retry-after"]))

    with ThreadPoolExecutor(EXPORTS) as threads:
        sizes = list(threads.map(fetch, range(EXPORTS)))
    return {
        "wall_s": time.perf_counter() - begun,
        "mb_out": sum(sizes) / 1e6,
        "rss_mb": _worker_peak_mb(job["host_pid"]),
        "rss_growth_mb": _worker_peak_mb(job["host_pid"]) - before,
    }


def _probed(job: Job) -> Figures:
    """Return the latencies of liveness and of another tenant's report of five rows."""
    live: list[float] = []
    small: list[float] = []
    _get(job, "small_key", job["small"], {"top": "5"})
    until = time.monotonic() + _PATIENCE
    while len(live) < int(job["requests"]) and time.monotonic() < until:
        live.append(_timed(lambda: _live(job)))
        if len(live) % 4 == 0:
            small.append(_timed(lambda: _small(job)))
        time.sleep(0.01)  # as a prober would: one question after the other
    live.sort()
    small.sort()
    return {
        "live p50 ms": percentile(live, 0.5),
        "live p99 ms": percentile(live, 0.99),
        "live max ms": live[-1],
        "other p50 ms": percentile(small, 0.5),
        "other max ms": small[-1],
    }


def _timed(call: Callable[[], None]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _live(job: Job) -> None:
    with _connected(job) as connection:
        connection.request("GET", "/api/health/live")
        answer = connection.getresponse()
        body = answer.read()
    assert (answer.status, json.loads(body)) == (200, {"status": "alive"})


def _small(job: Job) -> None:
    status, _, body = _get(job, "small_key", job["small"], {"top": "5"})
    assert (status, json.loads(body)["rowCount"]) == (200, 5), body


@contextmanager
def _connected(job: Job) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", job["port"], timeout=300)
    try:
        yield connection
    finally:
        connection.close()


def _get(
    job: Job,
    key: str,
    tenant: str,
    query: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    with _connected(job) as connection:
        path = f"/api/v1/tenants/{tenant}/reports/users?{urlencode(query)}"
        connection.request("GET", path, headers={"x-api-key": job[key], **(headers or {})})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def _worker_peak_mb(host_pid: int) -> float:
    """Return the peak resident memory (MB) of the host's biggest child process."""
    peaks = [0.0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text().splitlines()
        except OSError:  # the process ended between listing and reading
            continue
        facts = dict(line.split(":", 1) for line in lines if ":" in line)
        if int(facts["PPid"]) == host_pid and "VmHWM" in facts:
            peaks.append(int(facts["VmHWM"].split()[0]) / 1024)
    return max(peaks)


class _Flood:
    """Threads that each ask again as soon as they are answered, until told to end."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._ended = threading.Event()
        self._statuses: Counter[int] = Counter()

    def ask(self, query: Mapping[str, str]) -> None:
        while not self._ended.is_set():
            headers = {"accept-encoding": "gzip"}
            status, told, _ = _get(self._job, "big_key", self._job["big"], query, headers)
            self._statuses[status] += 1
            if status in (429, 503):
                self._ended.wait(float(told["retry-after"]))

    def run(self) -> None:
        """Say when everything is on its way; end at the next line of standard input."""
        questions = [_SLOW] * SLOW_REPORTS + [{"format": "csv"}] * EXPORTS
        with ThreadPoolExecutor(len(questions)) as threads:
            asked = [threads.submit(self.ask, query) for query in questions]
            time.sleep(1.0)  # the questions are sent; how far they have come is what is measured
            print("flooding", flush=True)
            sys.stdin.readline()
            self._ended.set()
            for each in asked:
                each.result()
        print(json.dumps(self._statuses), flush=True)


if __name__ == "__main__":
    _Flood(json.loads(sys.stdin.readline())).run()
