"""One caller's 24 slow reports and 6 exports: what liveness and another tenant wait, what they hold."""

from collections.abc import Mapping
from uuid import uuid4

from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Variant, run_rounds, run_variant
from tests.perf.serving import Served, storage

_TARGETS = (
    Bound("liveness p99 in the flood", "live p99 ms", "flood", 100, "at most", " ms"),
    Bound("6 exports, growth of peak memory", "rss_growth_mb", "6 exports", 250, "at most", " MB"),
    Bound(
        "6 compressed exports, growth of peak memory",
        *("rss_growth_mb", "6 exports, gzip", 100, "at most", " MB"),
    ),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Fill a big and a small tenant, each with a caller of its own; every round is a fresh host."""
    database = ground.product_database()
    big, small = str(uuid4()), str(uuid4())
    rows = 4 * options.rows
    for tenant, count in ((big, rows), (small, 20)):
        options.say(f"loading {count:,} made-up users")
        job = {**database, "tenant_id": tenant, "rows": count}
        run_variant(Variant("fill", "tests.perf.fill:users", job))
    keys = {name: fill.api_key(str(database["app_database"])) for name in ("big_key", "small_key")}
    job = {"big": big, "small": small, "rows": rows, "requests": 2 * options.requests, **keys}
    try:
        with storage(ground) as account:
            served = Served(ground, database, account)
            measured = run_rounds(_variants(served, job), options.rounds, options.say)
    finally:
        ground.drop(database)
    title = f"24 slow reports and 6 exports of {rows:,} users, {options.rounds} rounds"
    return Outcome("flood", title, measured, findings(measured, _TARGETS))


def _variants(served: Served, job: Mapping[str, object]) -> list[Variant]:
    calls = {
        "quiet": ("quiet", {}),
        "flood": ("flooded", {}),
        "6 exports": ("exports", {"accepts": "identity"}),
        "6 exports, gzip": ("exports", {"accepts": "gzip"}),
    }
    return [
        Variant(
            name,
            f"tests.perf.flood_callers:{call}",
            {**job, **more},
            prepare=served.start,
            release=served.stop,
        )
        for name, (call, more) in calls.items()
    ]
