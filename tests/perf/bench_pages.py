"""The first 100 rows of every report of a big tenant: now, as of the past, filtered, and compared.

`--rows` is the number of users; of each there are ten sign-ins and five permissions of drive items, and of
everything else what the sandbox has. `--rows 200000` is the size that the promise is made for.
"""

from tests.perf import fill
from tests.perf.first_pages import CHANGES, FILE, FILTER, NOW, PRESET, THEN, asked_reports
from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Finding, Options, Outcome
from tests.perf.rounds import Measured, Variant, median, run_rounds, run_variant

# So many people are collected by HTTPS, and multiplied in the database.
_COLLECTED = 400
_PREPARING, _ASKING = 2 * 3600.0, 3600.0
_PAGES = (NOW, THEN, FILTER, PRESET)


def run(ground: Ground, options: Options) -> Outcome:
    """Collect a sandbox tenant in full, multiply it, and ask every report in each way."""
    database = ground.product_database()
    collected = min(_COLLECTED, options.rows)
    times = max(1, options.rows // collected)
    try:
        with sandbox(ground, collected) as tenant:
            options.say(f"collecting every dataset of {collected:,} users")
            job = {**database, "tenant": tenant, "rows": collected}
            collect = "tests.perf.load_product:every_dataset"
            run_variant(Variant("collect", collect, job, seconds=_PREPARING))
        options.say(f"multiplying them by {times:,}")
        job = {**database, "rows": collected, "times": times}
        grown = run_variant(Variant("grow", "tests.perf.multiply:grow", job, seconds=_PREPARING))
        asking = {
            **job,
            "tenant_id": tenant["tenant_id"],
            "api_key": fill.api_key(str(database["app_database"])),
            "requests": options.requests,
        }
        call = Variant("pages", "tests.perf.first_pages:page_times", asking, seconds=_ASKING)
        rounds = run_rounds([call], options.rounds, options.say)[call.name]
    finally:
        ground.drop(database)
    measured = {
        key: [
            {
                f"{way} {figure}": each[f"{figure}/{way}/{key}"]
                for way in (*_PAGES, CHANGES, FILE)
                for figure in ("p50", "p99")
                if f"{figure}/{way}/{key}" in each
            }
            for each in rounds
        ]
        for key in asked_reports(options.requests)
    }
    title = (
        f"first page of every report in ms, {collected * times:,} users,"
        f" {grown['sign_ins']:,.0f} sign-ins, {_permissions(grown):,.0f} permissions of drive items,"
        f" {options.rounds} rounds"
    )
    return Outcome("pages", title, measured, _found(measured))


def _permissions(grown: dict[str, float]) -> float:
    return grown["drive_item_permissions"] + grown["site_drive_item_permissions"]


def _found(measured: Measured) -> list[Finding]:
    """The worst of each way, named, beside what is promised of all."""
    found = [
        _worst(
            f"{way}, {figure}",
            {
                key: median(runs, f"{way} {figure}")
                for key, runs in measured.items()
                if f"{way} {figure}" in runs[0]
            },
            1000,
            " ms",
        )
        for way in _PAGES
        for figure in ("p50", "p99")
    ]
    for way, base, most in ((THEN, NOW, 1.5), (CHANGES, FILE, 3)):
        ratios = {
            key: median(runs, f"{way} p50") / median(runs, f"{base} p50")
            for key, runs in measured.items()
        }
        found.append(_worst(f"{way} / {base}, p50", ratios, most, "x"))
    return found


def _worst(label: str, values: dict[str, float], most: float, unit: str) -> Finding:
    worst = max(values, key=values.__getitem__)
    return Finding(f"{label}: {worst} is the worst", values[worst], most, "at most", unit)
