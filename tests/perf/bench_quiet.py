"""A second full read in which nothing changed: no version, next to no WAL, against a Core upsert."""

from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds

_TARGETS = (
    Ratio(
        "rows/s, Kanri / SDK native JSON + Core upsert",
        *("rows_s", "kanri", "core upsert", 3, "at least"),
    ),
    Bound("versions written", "versions", "kanri", 0, "at most", ""),
    Bound("WAL per 50,000 rows", "wal_50k_mb", "kanri", 1, "at most", " MB"),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Each variant loads once untimed, then reads everything again, timed."""
    with sandbox(ground, options.rows) as tenant:
        job = {"tenant": tenant, "rows": options.rows}
        variants = [
            Variant(
                "core upsert",
                "tests.perf.load_baselines:core_upsert",
                job,
                ground.baseline_database,
                ground.drop,
            ),
            Variant(
                "kanri",
                "tests.perf.load_product:quiet_read",
                job,
                ground.product_database,
                ground.drop,
            ),
        ]
        measured = run_rounds(variants, options.rounds, options.say)
    title = f"{options.rows:,} users read again in full, nothing changed, {options.rounds} rounds"
    return Outcome("quiet", title, measured, findings(measured, _TARGETS))
