"""The measured processes of `cache`: a warm page of users, asked for by ten callers at once.

What keeps whole answers asks PostgreSQL first whether the data is as it was, as a confirmation (304)
does: no answer is to be older than it says. One variant does not, as the bound of what can be had.
"""

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, cast
from uuid import UUID

from shared.core import registry
from shared.store.answers.reports import Reports
from shared.store.registers.known_access import KnownAccess, Versioned
from shared.web.http import Response
from tests.perf.measure import Figures, cpu_seconds
from tests.perf.repeat import percentile
from tests.perf.report_product import Api, whole

type Job = Mapping[str, Any]
type Ask = Callable[[], bytes]


class _Forgetful(KnownAccess):
    def keep(self, name: object, found: Versioned) -> None:
        """Remember nothing."""


class Kept(Protocol):
    """Where whole answers are kept by name."""

    def get(self, name: str) -> bytes | None: ...
    def set(self, name: str, value: bytes) -> object: ...


class _Dictionary(dict[str, bytes]):
    def set(self, name: str, value: bytes) -> None:
        self[name] = value


def looked_up(job: Job) -> Figures:
    """Everything from PostgreSQL: rights, coverage, rows."""
    api = _api(job)
    forgetful = _Forgetful()
    doors: Any = api.doors
    doors.known_access = lambda: forgetful
    return _figures(job, lambda: whole(api.report("users", top=str(job["top"]))))


def remembered(job: Job) -> Figures:
    """The product: rights from the worker's memory, confirmed with the coverage; rows from PostgreSQL."""
    api = _api(job)
    return _figures(job, lambda: whole(api.report("users", top=str(job["top"]))))


def kept_by_worker(job: Job) -> Figures:
    """The whole answer in the worker's memory, by the version of the data."""
    return _kept(job, _Dictionary(), proven=True)


def kept_by_server(job: Job) -> Figures:
    """The whole answer in a cache server, by the version of the data."""
    return _kept(job, _server(job), proven=True)


def unproven(job: Job) -> Figures:
    """The whole answer in a cache server, and nobody asks whether it still holds."""
    return _kept(job, _server(job), proven=False)


def _server(job: Job) -> Kept:
    import redis

    return cast("Kept", redis.Redis(port=int(job["cache_port"])))


def _api(job: Job) -> Api:
    # All callers have one key.
    os.environ["KANRI_RATE_LIMITS"] = "reading.caller=1000000 reading.tenant=1000000"
    return Api(job)


def _kept(job: Job, kept: Kept, *, proven: bool) -> Figures:
    api, tenant_id = _api(job), UUID(job["tenant_id"])
    needs, reports = registry.report("users").needs, Reports(api.doors.engine)

    def version() -> str:
        with reports.snapshot(tenant_id) as snapshot:
            standing = snapshot.standing(needs, None)
        return f"{standing.data_version} {standing.coverage} {standing.thresholds}"

    def ask() -> bytes:
        asked = (job["api_key"], job["top"], version() if proven else "")
        name = hashlib.sha256(repr(asked).encode()).hexdigest()
        found = kept.get(name)
        if found is None:
            response: Response = api.report("users", top=str(job["top"]))
            found = whole(response)
            kept.set(name, found)
        return found

    return _figures(job, ask)


def _figures(job: Job, ask: Ask) -> Figures:
    callers, requests = int(job["callers"]), int(job["requests"])
    rows = f'"rowCount":{job["top"]}'.encode()
    spans: list[float] = []

    def call(_: int) -> None:
        for _ in range(requests // callers):
            begun = time.perf_counter()
            body = ask()
            spans.append((time.perf_counter() - begun) * 1000)
            assert rows in body

    with ThreadPoolExecutor(callers) as threads:
        list(threads.map(call, range(callers)))
        spans.clear()
        cpu, wall = -cpu_seconds(), -time.perf_counter()
        list(threads.map(call, range(callers)))
        cpu, wall = cpu + cpu_seconds(), wall + time.perf_counter()
    spans.sort()
    return {
        "p50_ms": percentile(spans, 0.5),
        "p99_ms": percentile(spans, 0.99),
        "cpu_ms": cpu / len(spans) * 1000,
        "per_s": len(spans) / wall,
    }
