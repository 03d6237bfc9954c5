"""First load: read and store all users, history and ledger included, against two baselines.

`naive` runs on two pages only (its cost per row does not depend on their number); rates and costs
per row are compared. `bare` reads the tenant once before anything is measured: the sandbox makes a page when it
is first asked for, and whoever came first would wait for it.
"""

from collections.abc import Mapping

from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Ratio, Variant, run_rounds, run_variant

NAIVE_ROWS = 1998

_TARGETS = (
    Ratio(
        "client CPU per row, PageIterator + session.merge / Kanri",
        *("cpu_us", "kanri", "naive", 100, "at least"),
        inverse=True,
    ),
    Ratio(
        "rows/s, Kanri / PageIterator + session.merge", "rows_s", "kanri", "naive", 40, "at least"
    ),
    Ratio(
        "rows/s, Kanri / bare COPY + upsert, no history", "rows_s", "kanri", "bare", 0.7, "at least"
    ),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Read a sandbox tenant of `options.rows` users over HTTPS into fresh databases."""
    with sandbox(ground, options.rows) as tenant:
        variants = [
            _variant("naive", ground, tenant, min(NAIVE_ROWS, options.rows)),
            _variant("bare", ground, tenant, options.rows),
            Variant(
                "kanri",
                "tests.perf.load_product:first_load",
                {"tenant": tenant, "rows": options.rows},
                ground.product_database,
                ground.drop,
            ),
        ]
        options.say("reading once, not measured")
        run_variant(variants[1])
        measured = run_rounds(variants, options.rounds, options.say)
    title = (
        f"{options.rows:,} users over HTTPS into PostgreSQL, first load, {options.rounds} rounds"
    )
    return Outcome("load", title, measured, findings(measured, _TARGETS))


def _variant(name: str, ground: Ground, tenant: Mapping[str, str], rows: int) -> Variant:
    return Variant(
        name,
        f"tests.perf.load_baselines:{name}",
        {"tenant": tenant, "rows": rows},
        ground.baseline_database,
        ground.drop,
    )
