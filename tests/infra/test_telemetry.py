"""The telemetry contract: everything declared is emitted, by the real SDK, and documented."""

import ast
import logging
from datetime import timedelta
from uuid import UUID

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from sqlalchemy import Engine

from shared.core import clock
from shared.core.telemetry import EVENT_ATTRIBUTE, Event
from shared.store.registers.tenants import Tenants
from shared.store.work.lateness import Lateness
from shared.store.work.runs import Runs
from shared.usecases.collect import COLLECT
from shared.usecases.watch_schedule import TICKS, watch_schedule
from tests.fixtures.collecting import Bench
from tests.fixtures.tracing import Tracing
from tests.fixtures.works import collecting
from tests.infra.contract_page import PAGE, render
from tests.infra.declarations import ROOT
from tests.infra.telemetry_contract import EVENTS, METRICS, SPANS, declared

READER = InMemoryMetricReader()
TENANT = UUID("11111111-2222-4333-8444-555555555555")


@pytest.fixture(scope="module", autouse=True)
def provider() -> None:
    """The OpenTelemetry SDK as the worker configures it, exporting into memory."""
    metrics.set_meter_provider(MeterProvider(metric_readers=[READER]))


def _exported() -> dict[str, list[tuple[float, dict[str, object]]]]:
    """Collect what was emitted: metric name to (value or sum, dimensions)."""
    data = READER.get_metrics_data()
    return {
        metric.name: [
            (
                point.value if isinstance(point, NumberDataPoint) else point.sum,
                {**(point.attributes or {})},
            )
            for point in metric.data.data_points
        ]
        for resource in (data.resource_metrics if data else [])
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def _used_in_product() -> set[str]:
    """Return the declarations whose `emit` or `around` the product calls."""
    used = set()
    for folder in ("shared", "functions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in {"emit", "around"}:
                    used.add(ast.unparse(node.value))
    return used


def test_the_code_emits_every_declaration_and_no_other() -> None:
    assert len(declared()) == len({*METRICS, *SPANS, *EVENTS}) >= 11
    assert set(declared()) == _used_in_product()


def test_names_are_unique_and_ours() -> None:
    names = [item.name for item in declared().values()]
    assert len(names) == len(set(names))
    assert all(name.startswith("kanri.") for name in names)


def test_the_page_is_what_the_declarations_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()


def test_wrong_dimensions_are_an_error_at_the_emitter() -> None:
    with pytest.raises(ValueError, match=r"kanri\.schedule\.ticks"):
        TICKS.emit(1, queue="collect")
    with pytest.raises(ValueError, match=r"kanri\.collect"):
        COLLECT.around(dataset="users").__enter__()


def test_an_event_is_a_log_record_that_the_exporter_turns_into_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    event = Event(name="kanri.test", description="", dimensions=("cause",))
    with caplog.at_level(logging.WARNING, logger="kanri"):
        event.emit(logging.getLogger("kanri"), cause="because")
    [record] = caplog.records
    assert vars(record)[EVENT_ATTRIBUTE] == "kanri.test"
    assert vars(record)["cause"] == "because"


@pytest.mark.stack
def test_a_collection_tells_its_run_rows_requests_and_span(bench: Bench, tracing: Tracing) -> None:
    row = bench.collect("domains")
    assert row is not None
    seen = _exported()
    ids = {"tenant_id": str(bench.tenant_id), "dataset": "domains", "state": "ok"}
    assert (1, ids) in seen["kanri.collect.runs"]
    assert (row.counts.inserted, {"dataset": "domains", "change": "inserted"}) in seen[
        "kanri.collect.rows"
    ]
    assert seen["kanri.collect.duration"]
    assert {point[1]["status"] for point in seen["kanri.graph.requests"]} == {"2xx"}
    finished = tracing.exporter.get_finished_spans()
    spans = [span for span in finished if span.name == "kanri.collect"]
    assert spans[-1].attributes is not None
    assert spans[-1].attributes["run_id"] == str(row.run_id)


@pytest.mark.stack
def test_only_what_is_due_without_a_complete_read_is_late(app_engine: Engine) -> None:
    tenants = Tenants(app_engine)
    now = tenants.add(TENANT, "Contoso").added_at
    every = {"domains": timedelta(hours=1)}
    Runs(app_engine).claim_due(now, collecting(every))
    lateness = Lateness(app_engine)
    assert lateness.overdue(now + timedelta(minutes=70), every, timedelta(minutes=15)) == []
    [late] = lateness.overdue(now + timedelta(minutes=80), every, timedelta(minutes=15))
    assert (late.tenant_id, late.dataset) == (TENANT, "domains")
    assert late.late == timedelta(minutes=20)
    tenants.set_state(TENANT, "paused")
    assert lateness.overdue(now + timedelta(days=9), every, timedelta()) == []


@pytest.mark.stack
def test_watching_the_schedule_beats_the_heart_and_names_the_late(app_engine: Engine) -> None:
    Tenants(app_engine).add(TENANT, "Contoso")
    Runs(app_engine).claim_due(clock.now(), collecting({"domains": timedelta(hours=1)}))
    watch_schedule(app_engine, clock.now() + timedelta(days=3))
    seen = _exported()
    assert seen["kanri.schedule.ticks"][0][0] >= 1
    late = {point[1]["dataset"]: point[0] for point in seen["kanri.dataset.lateness"]}
    assert late["domains"] > timedelta(days=2).total_seconds() - 3600
