"""How the service fares, in JSON: what was measured of requests, of work, of its parts."""

from typing import Any, Literal
from uuid import UUID

from shared.core.component import Condition
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


class EndedAnswer(Answer):
    """Runs of a kind of work that ended in the period, by the state that the ledger says."""

    kind: str
    ended: dict[str, int]
    newest_at: Instant | None


class UnderWayAnswer(Answer):
    """Work that is pending (a message is on its way), running or deferred (put off until it may help).

    `overdue` of them have a message that nobody opened in time, or a worker that went silent.
    """

    kind: str
    phase: str
    count: int
    overdue: int


class OutcomeAnswer(Answer):
    """Datasets of active tenants whose last run ended so; `cause` is an error code."""

    state: str
    cause: str | None
    count: int
    newest_at: Instant


class MonitoringAnswer(Answer):
    """How work fares now, and what ended `since` the beginning of the period.

    `claimedAt` is when the schedule last claimed work of the deployment, `openedAt` when a worker last opened a
    message; null if never.
    """

    checked_at: Instant
    since: Instant
    claimed_at: Instant | None
    opened_at: Instant | None
    runs: list[EndedAnswer]
    under_way: list[UnderWayAnswer]
    datasets: list[OutcomeAnswer]
    late_datasets: int
    dead_letters: int


class BlockedAnswer(Answer):
    """How many addresses or keys are shut out now. The audit log names them."""

    counted: str
    count: int
    first_until: Instant


class ComponentAnswer(Answer):
    """One part of the service. `cause` is a code and `detail` its words, null where it has none.

    Its state is that of the instant `at`, `ageSeconds` ago; null where nothing tells. `how` says what it is taken from.
    """

    name: str
    title: str
    state: Condition
    cause: str | None
    detail: str | None
    at: Instant | None
    age_seconds: float | None
    how: str
    facts: dict[str, Any]


class SecurityAnswer(Answer):
    """What was refused in the period, by error code, who is shut out now, and how the audit log is.

    `failedSignIns` are 401, `forbidden` 403, `toldToWait` 429, `malformed` input that does not fit, `failed` 5xx.
    """

    counted: CountedAnswer
    failed_sign_ins: dict[str, int]
    forbidden: dict[str, int]
    told_to_wait: dict[str, int]
    malformed: dict[str, int]
    failed: dict[str, int]
    blocked: list[BlockedAnswer]
    audit_log: ComponentAnswer


class HealthAnswer(Answer):
    """The state of the service: that of the component which is worst off."""

    state: Condition
    checked_at: Instant
    components: list[ComponentAnswer]


class FiringAnswer(Answer):
    """One thing that fires, of what (ids and codes by name), since when, and its value."""

    subject: dict[str, str]
    since: Instant
    value: float


class AlertAnswer(Answer):
    """One condition: it fires for what is beyond its threshold, in the unit `measured`.

    It is `unknown` where nothing tells, or what tells cannot be read (`cause`). `severity` goes from 0, critical, to 3.
    `count` is how many things fire; a hundred of them are named. `runbook` is the page that says what to do.
    """

    name: str
    title: str
    severity: int
    state: Literal["firing", "quiet", "unknown"]
    cause: str | None
    threshold: float
    measured: str
    runbook: str
    count: int
    firings: list[FiringAnswer]


class AlertsAnswer(Answer):
    """Every condition that Kanri itself looks at, those that fire first."""

    checked_at: Instant
    firing: int
    unknown: int
    alerts: list[AlertAnswer]
