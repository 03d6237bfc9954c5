"""Renders the telemetry contract as the page docs/telemetry.md: `python -m tests.infra.contract_page`."""

from shared.core.telemetry import Event, Metric, Span
from tests.infra.declarations import ROOT
from tests.infra.telemetry_contract import EVENTS, METRICS, SPANS

PAGE = ROOT / "docs" / "telemetry.md"

_HEAD = """# Telemetry

What Kanri tells Azure Monitor beyond what the Functions host and the OpenTelemetry instrumentations
send by themselves (requests, dependencies, exceptions, logs). Each is declared in the module that emits it
(`shared/core/telemetry.py` says the form); code emits only through declarations, every query of an alert or
workbook is checked against them, and this page is rendered from them by `python -m tests.infra.contract_page`.

The worker exports them (`PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY=true`). No dimension is
personal data; tenants appear by their id. To send them elsewhere too, set
`OTEL_EXPORTER_OTLP_ENDPOINT` for the host and configure an exporter for the worker.
"""


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _dimensions(item: Metric | Span | Event) -> str:
    return ", ".join(f"`{name}`" for name in item.dimensions) or "none"


def render() -> str:
    """Return the whole page."""
    lines = [_HEAD, "## Metrics (table `AppMetrics`)", ""]
    lines += [
        _cells("name", "kind", "unit", "dimensions", "meaning"),
        _cells("---", "---", "---", "---", "---"),
    ]
    lines += [
        _cells(f"`{m.name}`", m.kind, f"`{m.unit}`", _dimensions(m), m.description) for m in METRICS
    ]
    for title, items in (
        ("Spans (table `AppDependencies`)", SPANS),
        ("Events (table `AppEvents`)", EVENTS),
    ):
        lines += ["", f"## {title}", "", _cells("name", "dimensions", "meaning")]
        lines += [_cells("---", "---", "---")]
        lines += [_cells(f"`{item.name}`", _dimensions(item), item.description) for item in items]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
