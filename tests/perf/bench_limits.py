"""A hundred callers over four keys, one of which sends ten times its limit, on two hosts; what limits cost."""

from collections.abc import Mapping
from uuid import uuid4

from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds, run_variant
from tests.perf.serving import Served, storage

# Requests of a caller in a minute: little, so that ten times as many can be sent here.
QUOTA = 360

_TARGETS = (
    Bound("others' p99 beside ten times a limit / without", "p99 x", "crowd", 1.5, "at most", "x"),
    Bound("let through by two hosts, of the quota", "through %", "crowd", 101, "at most", " %"),
    Bound("let through by two hosts, of the quota", "through %", "crowd", 95, "at least", " %"),
    Ratio("p50 of an empty route, limited / not", "p50_ms", "limited", "unlimited", 1.2, "at most"),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Fill a tenant; every round are two fresh hosts, and two processes without a host."""
    database = ground.product_database()
    tenant = str(uuid4())
    fill_job = {**database, "tenant_id": tenant, "rows": 50}
    run_variant(Variant("fill", "tests.perf.fill:users", fill_job))
    job = {**database, "tenant": tenant, "keys": _keys(database), "quota": QUOTA}
    try:
        with storage(ground) as account:
            limits = f"reading.caller={QUOTA}"
            hosts = [
                Served(ground, database, account, f"limits-{n}", KANRI_RATE_LIMITS=limits)
                for n in range(2)
            ]
            variants = [_crowd(database, hosts, {**job, "seconds": max(2, options.requests // 3)})]
            for name in ("limited", "unlimited"):
                asked = {**job, "requests": 10 * options.requests, "limited": name == "limited"}
                variants.append(Variant(name, "tests.perf.limits_variants:empty_route", asked))
            measured = run_rounds(variants, options.rounds, options.say)
    finally:
        ground.drop(database)
    title = f"100 callers over 4 keys of {QUOTA} requests a minute, {options.rounds} rounds"
    return Outcome("limits", title, measured, findings(measured, _TARGETS))


def _keys(database: Mapping[str, object]) -> list[str]:
    return [fill.api_key(str(database["app_database"])) for _ in range(5)]


def _crowd(
    database: Mapping[str, object], hosts: list[Served], job: Mapping[str, object]
) -> Variant:
    def start() -> Mapping[str, object]:
        # Keys of the round's own: those of the round before may have spent their limit.
        ports = [host.start()["port"] for host in hosts]
        return {"ports": ports, "keys": _keys(database)}

    def stop(prepared: Mapping[str, object]) -> None:
        for host in hosts:
            host.stop(prepared)

    return Variant("crowd", "tests.perf.limits_callers:crowd", job, prepare=start, release=stop)
