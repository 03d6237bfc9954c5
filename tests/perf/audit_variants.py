"""The measured process of `audit`: one route that changes something, told and untold by turns."""

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from tests.perf.measure import Figures
from tests.perf.repeat import percentile

type Job = Mapping[str, Any]

_WARM_UP = 10


class _Untold:
    """An audit log that keeps nothing: what the route costs by itself."""

    def tell(self, _event: object) -> None: ...

    def tell_within(self, _connection: object, _event: object) -> bool:
        return True


class _UntoldDoors:
    def __init__(self, doors: Any) -> None:
        self._doors = doors

    def audit(self) -> _Untold:
        return _Untold()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._doors, name)


def changes(job: Job) -> Figures:
    """Change a tenant's settings again and again; p50 of both ways and what telling adds to it."""
    os.environ |= {"KANRI_DATABASE_URL": job["app_database"], "KANRI_LOG_LEVEL": "WARNING"}
    from shared import wiring
    from shared.store.registers.api_keys import ApiKeys
    from shared.store.registers.tenants import Tenants
    from shared.web.front import respond
    from shared.web.http import Request
    from shared.web.resources.settings.routes import CHANGE

    wiring.logs()
    told, tenant = wiring.web_doors(), uuid4()
    ways: dict[str, Any] = {"told": told, "untold": _UntoldDoors(told)}
    Tenants(told.engine).add(tenant, "Contoso")
    key, _ = ApiKeys(told.engine).create(
        "benchmark",
        environment="test",
        permissions=["tenant:write"],
        tenant_ids=None,
        expires_at=None,
    )
    spans: dict[str, list[float]] = {"told": [], "untold": []}

    def ask(doors: Any, number: int, tenant_id: UUID) -> float:
        body = json.dumps({"thresholds": {"staleDays": 30 + number % 300}}).encode()
        headers = {"x-api-key": key, "content-type": "application/json", "if-match": "*"}
        url = f"http://localhost/api/v1/tenants/{tenant_id}/settings"
        request = Request("PATCH", url, {}, headers, {"tenant": str(tenant_id)}, body)
        begun = time.perf_counter()
        response = respond(CHANGE, request, doors)
        span = (time.perf_counter() - begun) * 1000
        assert response.status == 200, response.body
        return span

    for number in range(int(job["requests"]) + _WARM_UP):
        for name, doors in ways.items():
            span = ask(doors, number, tenant)
            if number >= _WARM_UP:
                spans[name].append(span)
    p50 = {name: percentile(sorted(found), 0.5) for name, found in spans.items()}
    return {
        "told_p50_ms": p50["told"],
        "untold_p50_ms": p50["untold"],
        "added_ms": p50["told"] - p50["untold"],
    }
