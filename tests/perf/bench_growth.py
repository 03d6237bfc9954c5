"""What grows with the tenant: the collecting process's memory and the merge's cost per row."""

from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds

TIMES = 10


def run(ground: Ground, options: Options) -> Outcome:
    """Collect a tenant and one ten times its size; then merge into a table that grows fourfold."""
    small, big = options.rows, options.rows * TIMES
    with sandbox(ground, small) as small_tenant, sandbox(ground, big) as big_tenant:
        call = "tests.perf.load_product:first_load"
        variants = [
            Variant(
                f"collect {tenant_rows:,}",
                call,
                {"tenant": tenant, "rows": tenant_rows},
                ground.product_database,
                ground.drop,
            )
            for tenant, tenant_rows in ((small_tenant, small), (big_tenant, big))
        ]
        measured = run_rounds(variants, options.rounds, options.say)
    merge = Variant(
        "merge",
        "tests.perf.growth_variants:merge_growth",
        {"rows": small},
        ground.product_database,
        ground.drop,
    )
    measured |= run_rounds([merge], options.rounds, options.say)
    wanted = (
        Ratio(
            f"peak memory, {big:,} users / {small:,}",
            *("rss_mb", variants[1].name, variants[0].name, 1.3, "at most"),
        ),
        Bound(
            f"merge, client + PG CPU per row, {4 * small:,} rows in / first {small:,}",
            *("cpu_growth", "merge", 1.2, "at most", "x"),
        ),
        Bound(
            f"merge, wall per row, {4 * small:,} rows in / first {small:,}",
            *("wall_growth", "merge", 1.2, "at most", "x"),
        ),
    )
    title = f"{small:,} users against {big:,}, {options.rounds} rounds"
    return Outcome("growth", title, measured, findings(measured, wanted))
