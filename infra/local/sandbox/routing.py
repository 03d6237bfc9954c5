"""The table of Graph routes: a pattern, who may call it, what it costs and what answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local.sandbox.messages import ApiError, Reply, Request, not_licensed
from infra.local.sandbox.pagecache import PageCache
from infra.local.sandbox.scan import declared
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tokens import Caller


@dataclass(slots=True)
class Call:
    """One Graph request on its way to its handler.

    `base` is `https://host:port/v1.0`; `changes` is what may be done to the tenant, `ca_file`
    whom subscribers' certificates are from; `faults` are the injected conditions that handlers
    themselves honour, `args` the named groups of the route's pattern, `again` serves a further request of the same caller (for `$batch`).
    """

    request: Request
    tenant: Tenant
    caller: Caller
    base: str
    changes: Changes
    ca_file: Path
    cache: PageCache
    faults: frozenset[str] = frozenset()
    args: dict[str, str] = field(default_factory=dict)
    again: Callable[[Request, Caller], Any] | None = None

    @property
    def query(self) -> dict[str, str]:
        """The query options of the request."""
        return self.request.query

    @property
    def now(self) -> datetime:
        """Sandbox time."""
        return self.tenant.clock.now()

    @property
    def eventual(self) -> bool:
        """Whether the request asks for advanced queries (`ConsistencyLevel: eventual`)."""
        return self.request.headers.get("consistencylevel", "").lower() == "eventual"

    def preference(self, name: str) -> str | None:
        """The value of one `Prefer` token, '' for one without a value, None when absent."""
        for part in re.split(r"[,;]", self.request.headers.get("prefer", "")):
            key, _, value = part.strip().partition("=")
            if key.strip().lower() == name:
                return value.strip().strip('"')
        return None


def entra_premium(call: Call) -> None:
    """Raise ApiError 403 in a tenant that has neither Entra ID P1 nor P2."""
    if call.tenant.premium == "none":
        raise not_licensed()


def not_permitted(_call: Call, _permissions: tuple[str, ...]) -> ApiError:
    """How the directory refuses an application that lacks every one of some permissions."""
    return ApiError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


@dataclass(frozen=True, slots=True)
class Route:
    """One path below `/v1.0`.

    `pattern` is a regular expression over the decoded path (case-insensitive). Any one of
    `permissions` is enough; `refusal` says in the service's own words that none is there. `budget`
    names the throttling budget, `cost` the units a request spends of it, which may depend on its query
    options. `licence` raises ApiError for a tenant that has not bought what answers.
    """

    pattern: str
    handler: Callable[[Call], Reply]
    permissions: tuple[str, ...]
    budget: str = "identity"
    cost: int | Callable[[dict[str, str]], int] = 1
    licence: Callable[[Call], None] | None = None
    refusal: Callable[[Call, tuple[str, ...]], ApiError] = not_permitted
    methods: tuple[str, ...] = ("GET",)


class RouteTable:
    """All routes of the areas."""

    def __init__(self) -> None:
        self._routes: list[tuple[re.Pattern[str], Route]] = [
            (re.compile(route.pattern, re.IGNORECASE), route) for route in declared("ROUTES")
        ]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route of a path; raises ApiError 400 or 405 like Graph for an unknown one."""
        plain = _KEY.sub(r"/\1", path).removesuffix("()").removesuffix("/")
        known = False
        for pattern, route in self._routes:
            match = pattern.fullmatch(plain)
            known = known or match is not None
            if match and method in route.methods:
                return route, match.groupdict()
        if known:
            raise ApiError(405, "Request_BadRequest", "Specified HTTP method is not allowed.")
        segment = plain.strip("/").split("/")[0]
        raise ApiError(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


# users('key') is another spelling of users/key; functions keep their named arguments
_KEY = re.compile(r"\('([^'=]*)'\)")
