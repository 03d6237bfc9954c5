"""How soon a page of many rows can be used in a browser, beside one that lays all of them out at once."""

from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds

_OURS, _WHOLE = "kanri", "all rows laid out at once"


def run(ground: Ground, options: Options) -> Outcome:
    """Write a fifth of `--rows` and open them, by turns, each in a fresh process and browser."""
    rows = options.rows // 5
    variants = [
        Variant(name, "tests.perf.page_readers:opened", {"rows": rows, "bounded": bounded})
        for name, bounded in ((_OURS, True), (_WHOLE, False))
    ]
    measured = run_rounds(variants, options.rounds, options.say)
    wanted: list[Ratio | Bound] = [
        Bound("usable after", "usable_ms", _OURS, 2000, "at most", " ms"),
        Bound("sorted after", "sort_ms", _OURS, 2000, "at most", " ms"),
        Bound("searched after", "search_ms", _OURS, 2000, "at most", " ms"),
        Bound("memory growth of writing", "rss_growth_mb", _OURS, 40, "at most", " MB"),
        Ratio(
            "usable, all at once / kanri", "usable_ms", _OURS, _WHOLE, 2, "at least", inverse=True
        ),
    ]
    title = f"{rows:,} rows of twenty columns in Chromium, {options.rounds} rounds"
    return Outcome("html", title, measured, findings(measured, wanted))
