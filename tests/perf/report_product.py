"""The measured processes of `report`: Kanri's answers from the parsed request to the bytes to send."""

import gzip
import json
import os
import random
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from shared.web.http import Request, Response
from shared.web.route import Route
from tests.fixtures.sealing import SEALING_KEYS
from tests.perf.measure import Figures, cpu_seconds
from tests.perf.repeat import export_figures, percentile, request_figures
from tests.perf.shares import PARTS, Stopwatch, TimedDoors

type Job = Mapping[str, Any]

_CURSORS = 40


def json_page(job: Job) -> Figures:
    """Answer the first `job["top"]` users as JSON: key checked, coverage and ETag included."""
    api = Api(job)
    top = int(job["top"])
    found = json.loads(whole(api.report("users", top=str(top))))
    assert found["rowCount"] == top, found
    return request_figures(
        lambda: whole(api.report("users", top=str(top))), int(job["requests"]), job["admin"]
    )


def csv_export(job: Job) -> Figures:
    """Write all users as CSV, into one body."""
    api = Api(job)
    api.report("users", top="1")

    def answer() -> Iterable[bytes]:
        return [api.report("users", format="csv").body]

    return export_figures(answer, int(job["rows"]), job["admin"])


def concurrent_pages(job: Job) -> Figures:
    """Let `job["callers"]` threads ask for pages of 100 users, drawn from the first pages of the
    list; p50, p99 and the shares of waiting for a connection, authentication, database and rendering."""
    api = Api(job)
    pages = _first_pages(api)
    callers, requests = int(job["callers"]), int(job["requests"])
    spans: list[float] = []

    def call(number: int) -> None:
        choose = random.Random(number)
        for _ in range(requests // callers):
            begun = time.perf_counter()
            response = api.report("users", **choose.choice(pages))
            spans.append((time.perf_counter() - begun) * 1000)
            assert response.status == 200, whole(response)

    with ThreadPoolExecutor(callers) as threads:
        list(threads.map(call, range(callers)))  # opens the connections
        spans.clear()
        api.stopwatch.forget()
        cpu, wall = -cpu_seconds(), -time.perf_counter()
        list(threads.map(call, range(callers)))
        cpu, wall = cpu + cpu_seconds(), wall + time.perf_counter()
    spans.sort()
    whole = sum(spans)
    spent = {part: api.stopwatch.spent(part) for part in PARTS}
    spent["rendering"] = whole - sum(spent.values())
    return {
        "p50_ms": percentile(spans, 0.5),
        "p99_ms": percentile(spans, 0.99),
        "cpu_ms": cpu / len(spans) * 1000,
        "per_s": len(spans) / wall,
        **{f"{part} %": span / whole * 100 for part, span in spent.items()},
    }


def _first_pages(api: "Api") -> list[dict[str, str]]:
    """Return the parameters of the first pages, each found through the one before it."""
    pages = [{"top": "100"}]
    for _ in range(_CURSORS):
        found = json.loads(whole(api.report("users", **pages[-1])))
        assert found["rows"], found
        if found["cursor"] is None:
            break
        pages.append({"top": "100", "cursor": found["cursor"]})
    return pages


def whole(response: Response) -> bytes:
    """Return the body as it was before it was compressed."""
    body = response.body
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


class Api:
    """The API as the functions call it, with the job's key."""

    def __init__(self, job: Job) -> None:
        os.environ |= {
            "KANRI_DATABASE_URL": job["app_database"],
            "KANRI_SEALING_KEYS": SEALING_KEYS,
            "KANRI_LOG_LEVEL": "WARNING",
        }
        from shared import wiring

        wiring.logs()
        self.stopwatch = Stopwatch()
        self.doors: Any = TimedDoors(self.stopwatch)
        self._tenant_id = str(UUID(job["tenant_id"]))
        # Compressed only where the job says so: the baselines do not compress.
        self._headers = {"x-api-key": job["api_key"], "accept-encoding": job.get("accepts", "")}

    def report(self, key: str, **query: str) -> Response:
        """Answer `GET /api/v1/tenants/{tenant}/reports/{key}`."""
        from shared.web.resources.report.routes import READ

        return self._answer(READ, key, query)

    def changes(self, key: str, **query: str) -> Response:
        """Answer `GET /api/v1/tenants/{tenant}/reports/{key}/changes`."""
        from shared.web.resources.comparison.routes import COMPARE

        return self._answer(COMPARE, key, query)

    def _answer(self, route: Route, key: str, query: Mapping[str, str]) -> Response:
        from shared.web.front import respond

        url = f"http://localhost/api/v1/tenants/{self._tenant_id}/reports/{key}"
        request = Request(
            method="GET",
            url=f"{url}?{urlencode(query)}",
            query=query,
            headers=self._headers,
            route={"tenant": self._tenant_id, "key": key},
        )
        return respond(route, request, self.doors)
