"""What a report as of a past instant costs against one of now: the first 100 rows of every report.

`--rows` divided by five is the number of users; each object has 20 versions, a day each. `--rows 1000000`
is the size that the promise is made for: 200,000 users.

Some hundred users are collected by HTTPS and multiplied in the database before they get their history.
At 200,000 users all of it would be 90 GB, so it is cut to 17 (`multiply.Cut`): objects as Graph sent them
are empty; of datasets other than users, their sign-ins, registrations, mailbox settings and activity there
are at most 10,000 objects, 200,000 versions, such as drives, files, permissions, memberships, devices and
usage of the first people; events are as many as the sandbox has of a person, and are told once.
"""

from shared.core.registry import report_keys
from tests.perf import fill
from tests.perf.asof_pages import INSTANTS, NOW
from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Finding, Options, Outcome
from tests.perf.rounds import Measured, Variant, median, run_rounds, run_variant

VERSIONS = 20

# What the promised size needs on a small machine.
_PREPARING, _ASKING = 4 * 3600.0, 1800.0
# So many people are collected by HTTPS, and so many objects are there of what not every person has one of.
_COLLECTED, _OBJECTS = 400, 10_000
# Below that a page is fast enough, whatever the ratio.
_FAST_MS, _MOST = 50, 1.5


def run(ground: Ground, options: Options) -> Outcome:
    """Collect a small tenant in full, multiply it, give it a history, then ask now and then by turns."""
    users = max(100, options.rows // 5)
    collected = min(_COLLECTED, users)
    times = users // collected
    database = ground.product_database()
    try:
        with sandbox(ground, collected) as tenant:
            options.say(f"collecting every dataset of {collected:,} users")
            job = {**database, "tenant": tenant, "rows": collected}
            collect = "tests.perf.load_product:every_dataset"
            run_variant(Variant("collect", collect, job, seconds=_PREPARING))
        options.say(f"multiplying them by {times:,}")
        cut = {"times": times, "objects": _OBJECTS, "days": VERSIONS + 2}
        job = {**database, "rows": collected, "versions": VERSIONS}
        grow = "tests.perf.multiply:grow"
        run_variant(Variant("grow", grow, {**job, **cut}, seconds=_PREPARING))
        options.say(f"giving each object {VERSIONS} versions")
        history = Variant("history", "tests.perf.histories:grow", job, seconds=_PREPARING)
        grown = run_variant(history)
        options.say(f"{grown['rows']:,.0f} versions, {grown['gb']:.1f} GB")
        pages = {
            **job,
            "tenant_id": tenant["tenant_id"],
            "api_key": fill.api_key(str(database["app_database"])),
            "requests": options.requests,
        }
        call = Variant("pages", "tests.perf.asof_pages:page_times", pages, seconds=_ASKING)
        rounds = run_rounds([call], options.rounds, options.say)[call.name]
    finally:
        ground.drop(database)
    measured = {
        key: [
            {
                f"{name} {figure}": figures[f"{figure}/{name}/{key}"]
                for name in (NOW, *INSTANTS)
                for figure in ("p50", "p99")
            }
            for figures in rounds
        ]
        for key in report_keys()
    }
    title = (
        f"first page of every report over HTTP's code in ms, {collected * times:,} users,"
        f" {grown['rows']:,.0f} versions of all objects, {VERSIONS} of each, {options.rounds} rounds"
    )
    return Outcome("asof", title, measured, [*_found(measured)])


def _found(measured: Measured) -> list[Finding]:
    """The worst ratio of each instant, of what takes no time and of what does, and all that are too high."""
    found = []
    for name in INSTANTS:
        then = {key: median(runs, f"{name} p50") for key, runs in measured.items()}
        ratios = {key: then[key] / median(runs, f"{NOW} p50") for key, runs in measured.items()}
        slow = {key: ratio for key, ratio in ratios.items() if then[key] > _FAST_MS}
        shown = {key for key, ratio in slow.items() if ratio > _MOST}
        for chosen in (slow, ratios):
            shown |= {max(chosen, key=chosen.__getitem__)} if chosen else set()
        found += [
            Finding(f"{key}, p50, {name} / now", ratios[key], _MOST, "at most")
            for key in sorted(shown)
        ]
    return found
