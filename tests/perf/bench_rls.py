"""What the tenant policies cost: every report's page as the application role and as the owner.

The statements are the same; they name the tenant, and the owner has no policies. Searches must keep
their index below the policy.
"""

from collections.abc import Mapping

from shared.core.registry import report_keys
from tests.perf import searches
from tests.perf.ground import Ground, sandbox
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Ratio, Variant, run_rounds, run_variant

SEARCHES = ("users startswith", "users contains")


def run(ground: Ground, options: Options) -> Outcome:
    """Collect a sandbox tenant in full (a fifth of `options.rows` users), then read it both ways."""
    users = max(300, options.rows // 5)
    database = ground.product_database()
    try:
        with sandbox(ground, users) as tenant:
            options.say(f"collecting every dataset of {users:,} users")
            job: Mapping[str, object] = {**database, "tenant": tenant, "rows": users}
            run_variant(Variant("collect", "tests.perf.load_product:every_dataset", job))
        searched = searches.needles(str(database["database"]))
        asked = {"tenant_id": tenant["tenant_id"], "requests": options.requests, **searched}
        variants = [
            Variant(name, "tests.perf.rls_variants:page_times", {**asked, "url": database[url]})
            for name, url in (("owner, WHERE", "database"), ("policy", "app_database"))
        ]
        measured = run_rounds(variants, options.rounds, options.say)
        notes = searches.plans(database, tenant["tenant_id"], searched)
    finally:
        ground.drop(database)
    wanted = [
        Ratio(f"{name}, p50, policy / owner", name, "policy", "owner, WHERE", 1.25, "at most")
        for name in (*report_keys(), *SEARCHES)
    ]
    title = f"first page of every report, {users:,} users, p50 in ms, {options.rounds} rounds"
    return Outcome("rls", title, measured, findings(measured, wanted), notes)
