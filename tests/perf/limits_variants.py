"""The measured process of `limits` without a host: a route that does nothing, limited or not."""

import os
from collections.abc import Mapping
from typing import Any

from tests.perf.measure import Figures
from tests.perf.repeat import request_figures

type Job = Mapping[str, Any]


class _Unlimited:
    """Limits that know nothing and refuse nobody."""

    def spent_by(self, _doing: object, _subjects: object) -> list[object]:
        return []

    def spend(self, _spending: object) -> list[object]:
        return []

    def spent(self, _place: str) -> None: ...

    def blocked(self, _row: str) -> float:
        return 0.0


class _UnlimitedDoors:
    def __init__(self, doors: Any) -> None:
        self._doors = doors

    def limits(self) -> _Unlimited:
        return _Unlimited()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._doors, name)


def empty_route(job: Job) -> Figures:
    """Ask for nothing again and again, from one address: the key is looked up, and that is all."""
    os.environ |= {
        "KANRI_DATABASE_URL": job["app_database"],
        "KANRI_LOG_LEVEL": "WARNING",
        "KANRI_TRUSTED_PROXIES": "1",
        "KANRI_RATE_LIMITS": "reading.caller=1000000 reading.address=1000000",
    }
    from shared import wiring
    from shared.core.text import Text
    from shared.web.endpoint import Endpoint
    from shared.web.front import respond
    from shared.web.http import Request, Response
    from shared.web.route import Route

    wiring.logs()
    doors: Any = wiring.web_doors()
    doors = doors if job["limited"] else _UnlimitedDoors(doors)
    route = Route(
        Endpoint("http_nothing", "GET", "nothing"),
        permission="signed_in",
        summary=Text("Nothing", "空"),
        handle=lambda _: Response(200, b"{}"),
    )
    headers = {"x-api-key": job["keys"][0], "x-forwarded-for": "203.0.113.7"}
    request = Request("GET", "http://localhost/api/nothing", {}, headers, {})

    def ask() -> bytes:
        response = respond(route, request, doors)
        assert response.status == 200, response.body
        return response.body

    return request_figures(ask, int(job["requests"]), job["admin"])
