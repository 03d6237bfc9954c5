"""What the audit log costs a request: a change of settings, told and untold by turns."""

from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Variant, run_rounds

_TARGETS = (Bound("p50 that telling adds to a change", "added_ms", "change", 2, "at most", " ms"),)


def run(ground: Ground, options: Options) -> Outcome:
    """Change settings of one tenant, whose chain grows with it."""
    database = ground.product_database()
    try:
        job = {**database, "requests": options.requests}
        variants = [Variant("change", "tests.perf.audit_variants:changes", job)]
        measured = run_rounds(variants, options.rounds, options.say)
    finally:
        ground.drop(database)
    title = f"{options.requests} changes each way, {options.rounds} rounds"
    return Outcome("audit", title, measured, findings(measured, _TARGETS))
