"""What a workbook costs beside openpyxl's write-only one: the same rows, twenty columns, two `--rows`."""

from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds

_OURS, _THEIRS = "kanri", "openpyxl write-only"


def run(ground: Ground, options: Options) -> Outcome:
    """Write the same made-up rows by turns, each in a fresh process."""
    rows = options.rows * 2
    variants = [
        Variant(name, f"tests.perf.xlsx_writers:{call}", {"rows": rows})
        for name, call in ((_OURS, "ours"), (_THEIRS, "theirs"))
    ]
    measured = run_rounds(variants, options.rounds, options.say)
    wanted: list[Ratio | Bound] = [
        Ratio("CPU, openpyxl / kanri", "cpu_ms", _OURS, _THEIRS, 3, "at least", inverse=True),
        Bound("memory growth", "rss_growth_mb", _OURS, 40, "at most", " MB"),
    ]
    title = f"{rows:,} rows of twenty columns, {options.rounds} rounds"
    return Outcome("xlsx", title, measured, findings(measured, wanted))
