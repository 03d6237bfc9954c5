"""Designs of versions side by side: a page now and as of past instants, what loading costs, bytes.

`--rows` divided by five is the number of objects; each has 20 versions.
"""

from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Variant, run_rounds
from tests.perf.version_designs import DESIGNS, VERSIONS


def run(ground: Ground, options: Options) -> Outcome:
    """Load each design into a database of its own, in turns."""
    objects = max(300, options.rows // 5)
    job = {"rows": objects, "requests": options.requests}
    variants = [
        Variant(
            name,
            "tests.perf.version_pages:design",
            {**job, "design": name},
            ground.baseline_database,
            ground.drop,
        )
        for name in DESIGNS
    ]
    measured = run_rounds(variants, options.rounds, options.say)
    wanted = [
        Bound(f"slowest instant / now, {name}", "worst x", name, 1.5, "at most", "x")
        for name in DESIGNS
    ]
    title = (
        f"first 100 of {objects:,} objects with {VERSIONS} versions each and one join,"
        f" p50 in ms, PG us/row of loading, {options.rounds} rounds"
    )
    return Outcome("versions", title, measured, findings(measured, wanted))
