"""What was measured of requests, in JSON: milliseconds, counts, and how far they can be relied on."""

from uuid import UUID

from shared.core.stopwatch import Stage
from shared.core.wire import Instant
from shared.web.endpoint import Method
from shared.web.shapes import Answer


class CountedAnswer(Answer):
    """How far counts of requests can be relied on.

    They are of requests that ended from `since` to `until`, null if nothing was kept. Where hours are kept as
    a whole, `since` lies before `askedSince`. `ageSeconds` is how old the newest of them is; what a worker
    counted in its last `unkeptSeconds` is not in yet. `lostRequests` were counted and could not be kept.
    """

    asked_since: Instant
    since: Instant | None
    until: Instant | None
    age_seconds: float | None
    unkept_seconds: int
    workers: int
    lost_requests: int
    detail: str


class StageAnswer(Answer):
    """One stage of requests: a percentile is told at most 9 % too high, and null if there is none.

    `breaches` of the `requests` took longer than `budgetMs`; both null for a stage without a budget.
    """

    stage: Stage
    budget_ms: float | None
    requests: int
    breaches: int | None
    breached_percent: float | None
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class RouteStagesAnswer(Answer):
    """The stages of one route."""

    function: str
    method: Method | None
    path: str | None
    stages: list[StageAnswer]


class SlowAnswer(Answer):
    """One of the slowest requests. `requestId` is null if its caller named it in words of his own."""

    request_id: UUID | None
    function: str
    method: Method | None
    path: str | None
    at: Instant
    status: int
    spent_ms: dict[Stage, float]


class StagesAnswer(Answer):
    """Stages of all routes and of each, and the slowest requests. Files (exports) have no budget and are not in it."""

    counted: CountedAnswer
    stages: list[StageAnswer]
    routes: list[RouteStagesAnswer]
    slowest: list[SlowAnswer]


class TrafficAnswer(Answer):
    """How many requests there were, and what became of them.

    `refused` are those that the caller could mend (4xx), `failed` ours (5xx).
    """

    requests: int
    per_second: float | None
    answered: int
    refused: int
    failed: int
    failed_percent: float | None
    statuses: dict[int, int]
    whole: StageAnswer


class RoutePerformanceAnswer(TrafficAnswer):
    """The traffic of one route; `exports` of its files alone. `path` is null for one that a later version dropped."""

    function: str
    method: Method | None
    path: str | None
    exports: bool


class PerformanceAnswer(Answer):
    """Traffic of the service as a whole, and of each route, the busiest first."""

    counted: CountedAnswer
    total: TrafficAnswer
    routes: list[RoutePerformanceAnswer]
