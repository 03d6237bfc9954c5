"""How Graph answered is kept beside what it answered, and `performance` tells it by service."""

from datetime import timedelta
from statistics import median
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.graph_answers import Answers
from shared.core.latency import bucket_of
from shared.graph.tally import Tally
from shared.store.registers.graph_answers import GRAPH_ANSWERS, GraphAnswers
from shared.store.registers.tenants import Tenants
from shared.store.session.sessions import operator_session
from tests.catalog.reports.answers import TENANT, asked, rows
from tests.fixtures.collecting import Bench
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

_DAY = timedelta(days=1)


@pytest.fixture
def engine(app_engine: Engine) -> Engine:
    Tenants(app_engine).add(TENANT, "Contoso")
    return app_engine


def test_what_graph_does_is_told_by_service(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.faults(
        {"path": "/domains", "kind": "unavailable", "retry_after": 0, "count": 2},
        {"path": "/organization", "kind": "throttle", "count": 1},
    )
    for dataset in ("domains", "organization"):
        run = bench.collect(dataset)
        assert run is not None
        assert run.state == "ok"
    sandbox_admin.clear_faults()
    bench.collect("service_health")
    row = rows(bench.engine, "performance", tenant=bench.tenant_id)["AzureAD"]
    # Two were answered, two were not, and one had to wait, which tells nothing of the service.
    assert row["error_rate_percent"] == 50.0
    assert 0 < float(str(row["response_time_ms"])) < 60_000
    nothing = rows(bench.engine, "performance", tenant=bench.tenant_id)["Intune"]
    assert (nothing["response_time_ms"], nothing["error_rate_percent"]) == (None, None)


def _answers(failed: int, *times: float) -> Answers:
    answers = Answers()
    answers.failed = failed
    for ms in times:
        answers.times.add(ms, None)
    return answers


def test_the_figures_are_those_of_the_day_before_health_was_read(engine: Engine) -> None:
    kept, now = GraphAnswers(engine), clock.now()
    health = [{"id": "Exchange", "service": "Exchange Online", "status": "serviceOperational"}]
    collect(engine, TENANT, "service_health", health, at=now - _DAY)
    collect(engine, TENANT, "service_health", health, at=now)
    today = (_answers(1, 10, 20, 900), _answers(0, 30, 5_000))
    kept.keep(TENANT, {"outlook": today[0], "sharepoint": _answers(5, 1)}, now - _DAY / 2)
    kept.keep(TENANT, {"exchange_trace": today[1], "general": _answers(9)}, now - _DAY / 4)
    kept.keep(TENANT, {"outlook": _answers(0, 100)}, now - _DAY * 1.5)
    kept.keep(TENANT, {"outlook": _answers(7, 1)}, now + timedelta(seconds=1))
    kept.keep(uuid4(), {"outlook": _answers(7, 1)}, now - _DAY / 2)
    row = rows(engine, "performance")["Exchange"]
    told = float(str(row["response_time_ms"]))
    middle = median((10, 20, 900, 30, 5_000))
    assert bucket_of(told - 0.1) == bucket_of(middle), "at most 9 % too high"
    assert row["error_rate_percent"] == round(100 * 1 / 6, 2)
    before = asked(engine, "performance", now - _DAY / 3)["Exchange"]
    assert before["error_rate_percent"] == 0.0
    assert bucket_of(float(str(before["response_time_ms"])) - 0.1) == bucket_of(100)


def test_what_is_old_is_forgotten_and_a_stranger_leaves_nothing(engine: Engine) -> None:
    kept, now, gone = GraphAnswers(engine), clock.now(), uuid4()

    def held() -> int:
        with operator_session(engine) as connection:
            return int(
                connection.execute(select(func.count()).select_from(GRAPH_ANSWERS)).scalar_one()
            )

    before = held()
    kept.keep(gone, {"outlook": _answers(1)}, now)
    assert held() == before
    kept.keep(TENANT, {"outlook": _answers(1)}, now - 20 * _DAY)
    assert held() == before + 1
    assert kept.forget(now - 10 * _DAY) == 1
    assert held() == before


def test_a_tally_counts_what_says_something_of_a_service() -> None:
    tally = Tally()
    for status in ("2xx", "4xx", "429", "token", "5xx", "network"):
        tally.add("usage_reports/users", status, 8.0)
    taken = tally.take()
    assert list(taken) == ["usage_reports"]
    assert (taken["usage_reports"].times.count, taken["usage_reports"].failed) == (2, 2)
    assert tally.take() == {}
