"""What a benchmark found: figures per variant, ratios beside their targets; printed or as JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.perf.rounds import Bound, Measured, Ratio, median, median_ratio


@dataclass(frozen=True, slots=True)
class Options:
    """How big and how often; `requests` are those of one round to a report; `say` shows progress."""

    rounds: int
    rows: int
    say: Callable[[str], None]
    requests: int = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured value beside its target."""

    label: str
    value: float
    target: float
    kind: str
    unit: str = "x"

    @property
    def met(self) -> bool:
        """Whether the target holds in this run."""
        if self.kind == "at least":
            return self.value >= self.target
        return self.value <= self.target

    def line(self) -> str:
        """Return the line for people, as "label   target >= 100x: 131x"."""
        sign = ">=" if self.kind == "at least" else "<="
        verdict = "" if self.met else "   MISSED"
        target = f"target {sign} {self.target:g}{self.unit}"
        return f"  {self.label:<58} {target}: {_short(self.value)}{self.unit}{verdict}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one benchmark. `notes` are further lines worth printing (plans, shares)."""

    name: str
    title: str
    measured: Measured
    findings: Sequence[Finding]
    notes: Sequence[str] = field(default_factory=tuple)

    def lines(self) -> list[str]:
        """Return the whole result as text."""
        lines = [f"== {self.name}: {self.title}", *_table(self.measured)]
        return [*lines, *(finding.line() for finding in self.findings), *self.notes]

    def document(self) -> dict[str, object]:
        """Return the whole result, every round of it, for JSON."""
        return {
            "title": self.title,
            "measured": self.measured,
            "findings": [
                {
                    "label": finding.label,
                    "value": finding.value,
                    "target": finding.target,
                    "kind": finding.kind,
                    "unit": finding.unit,
                    "met": finding.met,
                }
                for finding in self.findings
            ],
            "notes": list(self.notes),
        }


def findings(measured: Measured, wanted: Sequence[Ratio | Bound]) -> list[Finding]:
    """Evaluate ratios and bounds over the rounds."""
    found = []
    for item in wanted:
        if isinstance(item, Ratio):
            value = median_ratio(item, measured)
            found.append(Finding(item.label, value, item.target, item.kind))
        else:
            value = median(measured[item.variant], item.figure)
            found.append(Finding(item.label, value, item.target, item.kind, item.unit))
    return found


_HEADERS: Mapping[str, str] = {
    "rows": "rows",
    "rows_s": "rows/s",
    "cpu_us": "client us/row",
    "pg_us": "PG us/row",
    "wal_mb": "WAL MB",
    "rss_mb": "peak MB",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "cpu_ms": "client CPU ms",
    "pg_ms": "PG CPU ms",
    "wall_s": "wall s",
    "first_ms": "first byte ms",
    "mb_out": "MB out",
    "rss_growth_mb": "peak growth MB",
    "held_mb": "beyond body MB",
    "per_s": "requests/s",
}


def _table(measured: Measured) -> list[str]:
    """Return medians per variant; variants with the same figures stand in one table."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for variant, runs in measured.items():
        groups.setdefault(tuple(runs[0]), []).append(variant)
    width = max(map(len, measured)) + 2
    lines = []
    for names, variants in groups.items():
        heads = [_HEADERS.get(name, name) for name in names]
        lines.append(" " * (width + 2) + "".join(f"{head:>16}" for head in heads))
        for variant in variants:
            cells = (_short(median(measured[variant], name)) for name in names)
            lines.append(f"  {variant:<{width}}" + "".join(f"{cell:>16}" for cell in cells))
    return lines


def _short(value: float) -> str:
    """Three significant digits, thousands grouped."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
