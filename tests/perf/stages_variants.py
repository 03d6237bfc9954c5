"""The measured processes of `stages`: an empty route in several ways by turns, and a warm report."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fixtures.sealing import SEALING_KEYS
from tests.perf.measure import Figures
from tests.perf.repeat import percentile

type Job = Mapping[str, Any]

_WARM_UP = 20


class _Uncounted:
    """Samples that count nothing."""

    def add(self, _seen: object) -> None: ...


class _UncountedDoors:
    def __init__(self, doors: Any) -> None:
        self._doors = doors

    def samples(self) -> _Uncounted:
        return _Uncounted()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._doors, name)


def _doors(job: Job) -> Any:
    os.environ |= {
        "KANRI_DATABASE_URL": job["app_database"],
        "KANRI_SEALING_KEYS": SEALING_KEYS,
        "KANRI_LOG_LEVEL": "WARNING",
        "KANRI_TRUSTED_PROXIES": "1",
        "KANRI_RATE_LIMITS": "reading.caller=1000000 writing.caller=1000000 reading.address=1000000",
    }
    from shared import wiring

    wiring.logs()
    return wiring.web_doors()


def empty_route(job: Job) -> Figures:
    """Ask for nothing in each way by turns; p50 in ms of each way, and what a step adds to the one before.

    `empty` is anonymous, without limits and uncounted; then it is counted, asks for a key, has limits, and at
    last is told to the audit log, in a transaction of its own since it stores nothing else.
    """
    ways = _ways(_doors(job), job["api_key"])
    spans: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(int(job["requests"]) + _WARM_UP):
        for name, ask in ways.items():
            begun = time.perf_counter()
            ask()
            if number >= _WARM_UP:
                spans[name].append((time.perf_counter() - begun) * 1000)
    p50 = {name: percentile(sorted(found), 0.5) for name, found in spans.items()}
    return {
        "empty p50": p50["empty"],
        "counting": p50["counted"] - p50["empty"],
        "authentication": p50["known"] - p50["counted"],
        "limits": p50["limited"] - p50["known"],
        "audit": p50["told"] - p50["limited"],
    }


def _ways(doors: Any, key: str) -> Mapping[str, Callable[[], None]]:
    from shared.core.text import Text
    from shared.web.endpoint import Endpoint
    from shared.web.front import respond
    from shared.web.http import Request, Response
    from shared.web.route import Route

    def way(name: str, through: Any, **declared: Any) -> Callable[[], None]:
        method = "PATCH" if "changes" in declared else "GET"
        route = Route(
            Endpoint(f"http_{name}", method, "nothing"),  # type: ignore[arg-type]
            summary=Text("Nothing", "空"),
            handle=lambda _: Response(200, b"{}"),
            **declared,
        )
        headers = {"x-api-key": key, "x-forwarded-for": "203.0.113.7"}
        request = Request(method, "http://localhost/api/nothing", {}, headers, {})

        def ask() -> None:
            response = respond(route, request, through)
            assert response.status == 200, response.body

        return ask

    unlimited: Mapping[str, Any] = {"share": "readiness"}
    return {
        "empty": way("empty", _UncountedDoors(doors), permission="anonymous", **unlimited),
        "counted": way("counted", doors, permission="anonymous", **unlimited),
        "known": way("known", doors, permission="signed_in", **unlimited),
        "limited": way("limited", doors, permission="signed_in"),
        "told": way("told", doors, permission="signed_in", changes="nothing.change"),
    }


def warm_report(job: Job) -> Figures:
    """Ask for the first 100 users again and again; what Kanri itself measured of each stage, in ms."""
    doors, tenant = _doors(job), str(job["tenant_id"])
    from shared.core.sample import Sample
    from shared.web.front import respond
    from shared.web.http import Request
    from shared.web.resources.report.routes import READ

    request = Request(
        method="GET",
        url=f"http://localhost/api/v1/tenants/{tenant}/reports/users?top=100",
        query={"top": "100"},
        headers={"x-api-key": job["api_key"], "accept-encoding": "gzip"},
        route={"tenant": tenant, "key": "users"},
    )
    counted = Sample()
    doors.samples().add = counted.add
    for number in range(int(job["requests"]) + _WARM_UP):
        if number == _WARM_UP:
            counted.routes.clear()
        response = respond(READ, request, doors)
        assert response.status == 200, response.body
    stages = counted.routes["http_report", False].stages
    return {
        f"{stage} {name}": stages[stage].percentile(share) or 0.0
        for stage in ("authentication", "checks", "database", "whole")
        for name, share in (("p50", 0.5), ("p99", 0.99))
    } | {"breaches": float(sum(one.over for one in stages.values()))}
