"""Situations for each log alert: the rows that Azure Monitor would hold, and who it should name."""

from dataclasses import dataclass
from datetime import timedelta

from shared.graph.exchange import GRAPH_REQUESTS
from shared.usecases.measure_run import RUNS
from shared.usecases.optimize_database import FINDINGS
from shared.usecases.receive import DEAD_LETTERS, QUEUE_AGE
from shared.usecases.watch_schedule import LATENESS, TICKS
from shared.web.limiting import SHUT_OUT
from tests.infra.kql.telemetry_rows import metric_rows
from tests.infra.kql.workspace import Row

_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Situation:
    """`fires` holds the dimensions of each alert that should fire; nothing means silence."""

    alert: str
    name: str
    rows: list[Row]
    fires: frozenset[tuple[str, ...]] = frozenset()


def _fires(alert: str, name: str, rows: list[Row], *dimensions: tuple[str, ...]) -> Situation:
    return Situation(alert, name, rows, frozenset(dimensions or {()}))


def _silent(alert: str, name: str, rows: list[Row]) -> Situation:
    return Situation(alert, name, rows)


def _requests(
    count: int, *, code: int, url: str = "https://host/api/v1/tenants", ms: float = 90.0
) -> list[Row]:
    """Return HTTP invocations as the Functions host records them."""
    columns = {"Url": url, "ResultCode": str(code), "Success": code < 400, "DurationMs": ms}
    return [Row("AppRequests", {**columns, "OperationName": "GET x", "ItemCount": 1})] * count


def _invocations(count: int, *, success: bool) -> list[Row]:
    """Return invocations without a URL: of timers and queues."""
    columns = {"ResultCode": "0", "Success": success, "OperationName": "queue_collect"}
    return [Row("AppRequests", {**columns, "ItemCount": 1, "DurationMs": 60_000.0})] * count


def _exceptions(count: int, kind: str) -> list[Row]:
    return [Row("AppExceptions", {"ExceptionType": kind, "ItemCount": count})]


def _run(state: str, count: int = 1, age: timedelta = _JUST_NOW) -> list[Row]:
    return metric_rows(RUNS, [count], age, tenant_id="t1", dataset="users", state=state)


def _graph(status: str, count: int, service: str = "directory") -> list[Row]:
    return metric_rows(GRAPH_REQUESTS, [count], service=service, status=status)


def _late(seconds: float, age: timedelta = _JUST_NOW) -> list[Row]:
    return metric_rows(LATENESS, [seconds], age, tenant_id="t1", dataset="users")


def _cap(detail: str, age: timedelta) -> list[Row]:
    return [Row("_LogOperation", {"Category": "Ingestion", "Detail": detail}, age)]


# https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap
_OVER = "Data collection stopped due to daily limit of data reached. Ingestion status = OverQuota"

SITUATIONS = [
    _fires("failed-functions", "an API of ours breaks", _requests(6, code=500), ("GET x",)),
    _fires(
        "failed-functions", "collecting raises", _invocations(6, success=False), ("queue_collect",)
    ),
    _silent(
        "failed-functions",
        "callers err and little breaks",
        _requests(90, code=404) + _requests(5, code=503) + _invocations(90, success=True),
    ),
    _fires("slow-answers", "reports take six seconds", _requests(20, code=200, ms=6e3), ("GET x",)),
    _silent("slow-answers", "one slow call at night", _requests(1, code=200, ms=30e3)),
    _silent("slow-answers", "long collections", _invocations(50, success=True)),
    _fires(
        "poison-messages",
        "a message was given up",
        metric_rows(DEAD_LETTERS, [1], queue="collect", cause="message_poisoned"),
        ("collect", "message_poisoned"),
    ),
    _silent("poison-messages", "none was", []),
    _fires(
        "queue-age",
        "one of many messages waited twenty minutes",
        metric_rows(QUEUE_AGE, [1.0, 1200.0, 2.0], queue="collect"),
        ("collect",),
    ),
    _silent(
        "queue-age", "messages start at once", metric_rows(QUEUE_AGE, [1.0] * 900, queue="collect")
    ),
    _fires("dataset-overdue", "a dataset is three hours late", _late(10800), ("t1", "users")),
    _silent("dataset-overdue", "an hour late", _late(3600)),
    _silent(
        "dataset-overdue",
        "it was late until forty minutes ago",
        _late(10800, timedelta(minutes=40)),
    ),
    _fires(
        "permission-lost",
        "yesterday's run of a daily dataset was refused",
        _run("ok", age=timedelta(hours=47)) + _run("not_permitted", age=timedelta(hours=23)),
        ("t1", "users"),
    ),
    _silent(
        "permission-lost",
        "consent came back",
        _run("not_permitted", age=timedelta(hours=6)) + _run("ok", age=timedelta(minutes=5)),
    ),
    _silent("permission-lost", "a licence is missing", _run("not_licensed")),
    _fires(
        "sign-ins-blocked",
        "an address was shut out",
        metric_rows(SHUT_OUT, [1], counted="address"),
        ("address",),
    ),
    _silent(
        "sign-ins-blocked",
        "it was half an hour ago",
        metric_rows(SHUT_OUT, [1], timedelta(minutes=30), counted="address"),
    ),
    _fires(
        "database-findings",
        "a month has no partition",
        metric_rows(FINDINGS, [1], timedelta(hours=20), check="partitions", severity="critical"),
        ("partitions",),
    ),
    _silent(
        "database-findings",
        "much could be better",
        metric_rows(FINDINGS, [7], check="dead_tuples", severity="warning"),
    ),
    _fires("failed-runs", "a third fails", _run("failed", 3) + _run("partial", 1) + _run("ok", 8)),
    _silent("failed-runs", "a tenth fails", _run("failed", 1) + _run("ok", 9)),
    _silent("failed-runs", "the only run failed", _run("failed", 1)),
    _fires(
        "throttling-share",
        "one service of two throttles",
        _graph("429", 30) + _graph("2xx", 200) + _graph("2xx", 500, "reports"),
        ("directory",),
    ),
    _silent("throttling-share", "now and then", _graph("429", 5) + _graph("2xx", 300)),
    _silent("throttling-share", "hardly any requests", _graph("429", 20)),
    _fires(
        "graph-errors",
        "errors and no answers add up",
        _graph("5xx", 10) + _graph("network", 10) + _graph("2xx", 60),
        ("directory",),
    ),
    _silent("graph-errors", "our own errors", _graph("4xx", 50) + _graph("2xx", 50)),
    _fires("exceptions", "a burst", _exceptions(21, "StoreUnavailable"), ("StoreUnavailable",)),
    _silent("exceptions", "a few of each kind", _exceptions(20, "A") + _exceptions(20, "B")),
    _fires("no-heartbeat", "there is no row at all", []),
    _fires("no-heartbeat", "the last tick is old", metric_rows(TICKS, [1], timedelta(minutes=31))),
    _silent("no-heartbeat", "a tick", metric_rows(TICKS, [1])),
    _fires("daily-log-cap", "the cap was reached this morning", _cap(_OVER, timedelta(hours=10))),
    _silent("daily-log-cap", "it was reached the day before", _cap(_OVER, timedelta(hours=30))),
    _silent("daily-log-cap", "another message", _cap("Ingestion rate is high", timedelta(hours=1))),
]
