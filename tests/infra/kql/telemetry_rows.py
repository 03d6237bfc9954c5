"""Rows of AppMetrics from our own declarations, by way of the real SDK and Azure's exporter.

What the exporter leaves out (a gauge has neither minimum nor maximum) stays null here: what the
service makes of it is not ours to assume.
"""

from collections.abc import Iterable
from datetime import timedelta

from azure.monitor.opentelemetry.exporter.export.metrics._exporter import (
    _convert_point_to_envelope,
)
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader

from shared.core.telemetry import Metric
from tests.infra.kql.workspace import Row

_DELTA: dict[type, AggregationTemporality] = {
    Counter: AggregationTemporality.DELTA,
    Histogram: AggregationTemporality.DELTA,
}


def metric_rows(
    metric: Metric,
    values: Iterable[float],
    age: timedelta = timedelta(minutes=5),
    **dimensions: str,
) -> list[Row]:
    """Return the rows that one export after recording `values` makes."""
    assert set(dimensions) == set(metric.dimensions), metric.name
    reader = InMemoryMetricReader(preferred_temporality=_DELTA)
    provider = MeterProvider(metric_readers=[reader])
    meter = provider.get_meter("kanri")
    for value in values:
        if metric.kind == "counter":
            meter.create_counter(metric.name, metric.unit).add(value, dimensions)
        elif metric.kind == "histogram":
            meter.create_histogram(metric.name, metric.unit).record(value, dimensions)
        else:
            meter.create_gauge(metric.name, metric.unit).set(value, dimensions)
    data = reader.get_metrics_data()
    assert data is not None
    points = [
        (exported.name, point)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for exported in scope.metrics
        for point in exported.data.data_points
    ]
    provider.shutdown()
    return [_row(name, point, age) for name, point in points]


def _row(name: str, point: object, age: timedelta) -> Row:
    base = _convert_point_to_envelope(point, name).data.base_data  # type: ignore[arg-type, union-attr]
    [sent] = base.metrics  # type: ignore[union-attr]
    return Row(
        "AppMetrics",
        {
            "Name": sent.name,
            "Sum": sent.value,
            "ItemCount": sent.count,
            "Min": sent.min,
            "Max": sent.max,
            "Properties": dict(base.properties),  # type: ignore[union-attr]
        },
        age,
    )
