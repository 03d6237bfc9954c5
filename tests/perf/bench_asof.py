"""What a report as of a past instant costs against one of now: the first 100 rows of every report.

`--rows` divided by five is the number of users; each object has 20 versions. `--rows 1000000` is
the size that the promise is made for: 200,000 users.
"""

from shared.core.registry import report_keys
from tests.perf import fill
from tests.perf.asof_pages import INSTANTS
from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Ratio, Variant, run_rounds, run_variant

VERSIONS = 20

# What the promised size needs on a small machine.
_PREPARING, _ASKING = 4 * 3600.0, 1800.0


def run(ground: Ground, options: Options) -> Outcome:
    """Collect a sandbox tenant in full, give it a history, then ask now and then by turns."""
    users = max(100, options.rows // 5)
    database = ground.product_database()
    try:
        with sandbox(ground, users) as tenant:
            options.say(f"collecting every dataset of {users:,} users")
            job = {**database, "tenant": tenant, "rows": users}
            collect = "tests.perf.load_product:every_dataset"
            run_variant(Variant("collect", collect, job, seconds=_PREPARING))
        options.say(f"giving each object {VERSIONS} versions")
        job = {**database, "versions": VERSIONS}
        run_variant(Variant("history", "tests.perf.histories:grow", job, seconds=_PREPARING))
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
        name: [{key: figures[f"{name}/{key}"] for key in report_keys()} for figures in rounds]
        for name in ("now", *INSTANTS)
    }
    wanted = [
        Ratio(f"{key}, p50, {name} / now", key, name, "now", 1.5, "at most")
        for key in report_keys()
        for name in INSTANTS
    ]
    title = (
        f"first page of every report over HTTP's code, {users:,} users with {VERSIONS} versions each,"
        f" p50 in ms, {options.rounds} rounds"
    )
    return Outcome("asof", title, measured, findings(measured, wanted))
