"""Answering a report: JSON and CSV against ORM entities and pydantic, and ten callers at once."""

from collections.abc import Mapping
from uuid import uuid4

from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds, run_variant

TOP = 1000
CALLERS = 10

_TARGETS = (
    Ratio(
        "JSON page, p50, ORM + pydantic / Kanri",
        *("p50_ms", "json kanri", "json orm + pydantic", 5, "at least"),
        inverse=True,
    ),
    Ratio(
        "CSV of all, wall, ORM / Kanri",
        *("wall_s", "csv kanri", "csv orm", 20, "at least"),
        inverse=True,
    ),
    Bound(
        "CSV of all, growth of peak memory beyond the body that is sent",
        *("held_mb", "csv kanri", 8, "at most", " MB"),
    ),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Read a big tenant page by page, and export one of twice `options.rows` users."""
    database = ground.product_database()
    try:
        big = _filled(database, 4 * options.rows, options)
        whole = _filled(database, 2 * options.rows, options)
        key = {"api_key": fill.api_key(str(database["app_database"]))}
        page = {
            **database,
            **big,
            **key,
            "top": min(TOP, options.rows),
            "requests": options.requests,
        }
        export = {**database, **whole, **key}
        variants = [
            Variant("json orm + pydantic", "tests.perf.report_baselines:orm_json", page),
            Variant("json kanri", "tests.perf.report_product:json_page", page),
            Variant("csv orm", "tests.perf.report_baselines:orm_csv", export),
            Variant("csv kanri", "tests.perf.report_product:csv_export", export),
            Variant(
                f"{CALLERS} callers, 100 rows",
                "tests.perf.report_product:concurrent_pages",
                {**page, "callers": CALLERS, "requests": 10 * options.requests, "accepts": "gzip"},
            ),
        ]
        measured = run_rounds(variants, options.rounds, options.say)
    finally:
        ground.drop(database)
    title = (
        f"user list, {page['top']:,} of {4 * options.rows:,} rows as JSON,"
        f" {2 * options.rows:,} rows as CSV, {options.rounds} rounds"
    )
    return Outcome("report", title, measured, findings(measured, _TARGETS))


def _filled(database: Mapping[str, object], rows: int, options: Options) -> dict[str, object]:
    """Fill a new tenant with `rows` users; return what names it in a job."""
    options.say(f"loading {rows:,} made-up users")
    tenant = {"tenant_id": str(uuid4()), "rows": rows}
    run_variant(Variant("fill", "tests.perf.fill:users", {**database, **tenant}))
    return tenant
