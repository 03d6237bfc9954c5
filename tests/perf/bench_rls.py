"""What the tenant policies cost: every report's page as the application role and as the owner.

The statements are the same; they name the tenant, and the owner has no policies. Searches must keep
their index below the policy.
"""

from collections.abc import Mapping

from shared.core.registry import report_keys
from tests.perf import searches
from tests.perf.ground import Ground, sandbox
from tests.perf.measure import Figures
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Ratio, Variant, run_rounds, run_variant

SEARCHES = ("users startswith", "users contains")


def run(ground: Ground, options: Options) -> Outcome:
    """Collect a sandbox tenant in full (a fifth of `options.rows` users), then read it both ways."""
    users = max(100, options.rows // 5)
    database = ground.product_database()
    try:
        with sandbox(ground, users) as tenant:
            options.say(f"collecting every dataset of {users:,} users")
            job: Mapping[str, object] = {**database, "tenant": tenant, "rows": users}
            run_variant(Variant("collect", "tests.perf.load_product:every_dataset", job))
        searched = searches.needles(str(database["database"]))
        asked = {**database, "tenant_id": tenant["tenant_id"], **searched}
        both = Variant(
            "both roles",
            "tests.perf.rls_variants:page_times",
            {**asked, "requests": options.requests},
        )
        rounds = run_rounds([both], options.rounds, options.say)[both.name]
        notes = searches.plans(database, tenant["tenant_id"], searched)
    finally:
        ground.drop(database)
    measured = {role: [_of(role, figures) for figures in rounds] for role in ("owner", "policy")}
    wanted = [
        Ratio(f"{name}, p50, policy / owner", name, "policy", "owner", 1.25, "at most")
        for name in (*report_keys(), *SEARCHES)
    ]
    title = f"first page of every report, {users:,} users, p50 in ms, {options.rounds} rounds"
    return Outcome("rls", title, measured, findings(measured, wanted), notes)


def _of(role: str, figures: Figures) -> Figures:
    return {
        name.removeprefix(f"{role}/"): value
        for name, value in figures.items()
        if name.startswith(f"{role}/")
    }
