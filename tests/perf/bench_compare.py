"""What comparing two instants of a report costs against reading one of them: all users, as a file.

`--rows` is the number of users; one in 20 has changed between the two instants, one in 50 is gone.
"""

from uuid import uuid4

from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds, run_variant

_SECONDS = 1800.0


def run(ground: Ground, options: Options) -> Outcome:
    """Fill a tenant, change it, and ask by turns for one instant and for what differs."""
    database = ground.product_database()
    try:
        options.say(f"loading {options.rows:,} made-up users, twice")
        job = {**database, "tenant_id": str(uuid4()), "rows": options.rows}
        for filling in ("tests.perf.fill:users", "tests.perf.compare_product:change"):
            run_variant(Variant("fill", filling, job, seconds=_SECONDS))
        asking = {
            **job,
            "api_key": fill.api_key(str(database["app_database"])),
            "requests": min(options.requests, 10),
        }
        call = Variant("compare", "tests.perf.compare_product:times", asking, seconds=_SECONDS)
        rounds = run_rounds([call], options.rounds, options.say)[call.name]
    finally:
        ground.drop(database)
    names = ("file then", "file now", "file of changes", "page of changes")
    measured = {name: [{"p50_ms": figures[name]} for figures in rounds] for name in names}
    wanted = [
        Ratio(f"{name}, p50 / file then", "p50_ms", name, "file then", 3, "at most")
        for name in ("file of changes", "page of changes")
    ]
    wanted_now = Bound(
        "page of changes, p50", "p50_ms", "page of changes", 30_000, "at most", " ms"
    )
    title = f"users at two instants, {options.rows:,} of them, {options.rounds} rounds"
    return Outcome("compare", title, measured, findings(measured, [*wanted, wanted_now]))
