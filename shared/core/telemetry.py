"""The form of the telemetry contract: metrics, spans and events, with unit and dimensions.

Each is declared in the module that emits it and found there by scan. The KQL of `infra/` is checked
against the declarations, and `docs/telemetry.md` lists them. They reach Azure Monitor through the
OpenTelemetry provider that the worker configures (PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY);
without one, emitting does nothing.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from opentelemetry.metrics import Counter, Histogram, Meter
    from opentelemetry.metrics import _Gauge as Gauge

SCOPE = "kanri"
# Azure Monitor's exporter turns a log record with this attribute into a custom event.
EVENT_ATTRIBUTE = "microsoft.custom_event.name"


def _check(name: str, declared: tuple[str, ...], given: Mapping[str, object]) -> None:
    if given.keys() != set(declared):
        raise ValueError(f"{name} has the dimensions {declared}, not {tuple(given)}")


class Metric(Struct, frozen=True, kw_only=True):
    """One metric. `unit` is a UCUM code; the values of `dimensions` are few and never personal."""

    name: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    description: str
    dimensions: tuple[str, ...] = ()

    def emit(self, value: float, **dimensions: str) -> None:
        """Record `value`; ValueError unless exactly the declared dimensions are given."""
        _check(self.name, self.dimensions, dimensions)
        # The worker loads the SDK before the app. Without it nobody listens, and importing the API
        # would only make a cold start longer.
        if "opentelemetry.sdk.metrics" not in sys.modules:
            return
        if self.kind == "counter":
            _counter(self).add(value, dimensions)
        elif self.kind == "histogram":
            _histogram(self).record(value, dimensions)
        else:
            _gauge(self).set(value, dimensions)


class Span(Struct, frozen=True, kw_only=True):
    """One kind of span of ours; it becomes a dependency of the invocation in Application Insights."""

    name: str
    description: str
    dimensions: tuple[str, ...] = ()

    @contextmanager
    def around(self, **dimensions: str) -> Iterator[None]:
        """Run the body inside the span; ValueError unless the declared dimensions are given."""
        _check(self.name, self.dimensions, dimensions)
        if "opentelemetry.sdk.trace" not in sys.modules:
            yield
            return
        from opentelemetry.trace import get_tracer

        with get_tracer(SCOPE).start_as_current_span(self.name, attributes=dimensions):
            yield


class Event(Struct, frozen=True, kw_only=True):
    """One kind of custom event: something that an operator may have to act on."""

    name: str
    description: str
    dimensions: tuple[str, ...] = ()

    def emit(self, logger: logging.Logger, **dimensions: str) -> None:
        """Log the event as a warning; ValueError unless the declared dimensions are given."""
        _check(self.name, self.dimensions, dimensions)
        logger.warning(self.name, extra={EVENT_ATTRIBUTE: self.name, **dimensions})


@cache
def _meter() -> "Meter":
    from opentelemetry.metrics import get_meter

    return get_meter(SCOPE)


@cache
def _counter(metric: Metric) -> "Counter":
    return _meter().create_counter(metric.name, metric.unit, metric.description)


@cache
def _histogram(metric: Metric) -> "Histogram":
    return _meter().create_histogram(metric.name, metric.unit, metric.description)


@cache
def _gauge(metric: Metric) -> "Gauge":
    return _meter().create_gauge(metric.name, metric.unit, metric.description)
