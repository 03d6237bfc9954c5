"""What a PDF of many rows costs: a tenth of `--rows` with twenty columns."""

from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Variant, run_rounds

_OURS = "kanri"


def run(ground: Ground, options: Options) -> Outcome:
    """Write the same made-up rows, each round in a fresh process."""
    rows = options.rows // 10
    variants = [Variant(_OURS, "tests.perf.pdf_writers:written", {"rows": rows})]
    measured = run_rounds(variants, options.rounds, options.say)
    wanted = (Bound("memory growth", "rss_growth_mb", _OURS, 60, "at most", " MB"),)
    title = f"{rows:,} rows of twenty columns as PDF, {options.rounds} rounds"
    return Outcome("pdf", title, measured, findings(measured, wanted))
