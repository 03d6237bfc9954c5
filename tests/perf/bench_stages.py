"""What finding out who asks, limits, counting and an audit event cost; a warm report's stages and their budgets.

What telling adds to a change that is stored anyway is measured by `audit`.
"""

from uuid import uuid4

from shared.core.stopwatch import BUDGETS
from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Variant, run_rounds, run_variant

_REPORT = "100 rows, warm"

_TARGETS = (
    Bound(
        "p50 that counting adds to an empty route", "counting", "empty route", 0.1, "at most", " ms"
    ),
    *(
        Bound(
            f"{stage} of a warm report of 100 rows, p99",
            f"{stage} p99",
            _REPORT,
            budget,
            "at most",
            " ms",
        )
        for stage, budget in BUDGETS.items()
    ),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Ask an empty route in five ways by turns, then a report of 100 rows of a filled tenant."""
    database = ground.product_database()
    tenant = {"tenant_id": str(uuid4()), "rows": min(options.rows, 10_000)}
    run_variant(Variant("fill", "tests.perf.fill:users", {**database, **tenant}))
    key = fill.api_key(str(database["app_database"]))
    job = {**database, **tenant, "api_key": key, "requests": 5 * options.requests}
    try:
        variants = [
            Variant("empty route", "tests.perf.stages_variants:empty_route", job),
            Variant(_REPORT, "tests.perf.stages_variants:warm_report", job),
        ]
        measured = run_rounds(variants, options.rounds, options.say)
    finally:
        ground.drop(database)
    title = f"an empty route, and 100 of {tenant['rows']:,} users, {options.rounds} rounds"
    return Outcome("stages", title, measured, findings(measured, _TARGETS))
