"""A warm report answered from PostgreSQL, with the worker's memory, and with a cache server beside it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from infra.local.ports import free_port
from tests.fixtures.children import child_process
from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Bound, Ratio, Variant, run_rounds, run_variant

CALLERS = 10
# Debian's packages of either name.
_SERVERS = ("valkey-server", "redis-server")
# What would make one more server to run, secure and pay for worth it (docs/architecture.md).
_WORTH = 2


def run(ground: Ground, options: Options) -> Outcome:
    """Ask for 100 and for 1,000 users of a tenant of `options.rows`, again and again."""
    database = ground.product_database()
    tenant = {"tenant_id": str(uuid4()), "rows": options.rows}
    found = next(filter(None, map(shutil.which, _SERVERS)), None)
    try:
        options.say(f"loading {options.rows:,} made-up users")
        run_variant(Variant("fill", "tests.perf.fill:users", {**database, **tenant}))
        job = {
            **database,
            **tenant,
            "api_key": fill.api_key(str(database["app_database"])),
            "callers": CALLERS,
            "requests": CALLERS * options.requests,
        }
        with _cache_server(found, ground.scratch) as server:
            variants = [
                variant
                for top in sorted({min(100, options.rows), min(1000, options.rows)})
                for variant in _variants(top, {**job, **server, "top": top}, cached=bool(server))
            ]
            measured = run_rounds(variants, options.rounds, options.say)
    finally:
        ground.drop(database)
    wanted: list[Ratio | Bound] = []
    for top in sorted({min(100, options.rows), min(1000, options.rows)}):
        product = f"{top} remembered"
        wanted.append(_gain(f"{top} rows: looked up / remembered", f"{top} looked up", product, 1))
        if found is not None:
            label = f"{top} rows: remembered / whole answer in a cache server"
            wanted.append(_gain(label, product, f"{top} cache server", _WORTH))
    title = f"warm pages of {options.rows:,} users, {CALLERS} callers, {options.rounds} rounds"
    beside = f"cache server: {found}" if found else f"no {' or '.join(_SERVERS)} here: left out"
    return Outcome("cache", title, measured, findings(measured, wanted), [f"  {beside}"])


def _gain(label: str, slower: str, faster: str, target: float) -> Ratio:
    return Ratio(label, "p50_ms", slower, faster, target, "at least")


def _variants(top: int, job: Mapping[str, object], *, cached: bool) -> Iterator[Variant]:
    called = {"looked up": "looked_up", "remembered": "remembered", "worker": "kept_by_worker"}
    if cached:
        called |= {"cache server": "kept_by_server", "cache server, unproven": "unproven"}
    for name, function in called.items():
        yield Variant(f"{top} {name}", f"tests.perf.cache_variants:{function}", job)


@contextmanager
def _cache_server(program: str | None, scratch: Path) -> Iterator[Mapping[str, object]]:
    """Run the server on loopback, keeping nothing on disk; yields its port, or nothing without one."""
    if program is None:
        yield {}
        return
    port = free_port()
    ready = scratch / "cache.log"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    with (
        ready.open("w") as log,
        child_process([*command, str(scratch)], stdout=log, stderr=log),
    ):
        _wait(port)
        yield {"cache_port": port}


def _wait(port: int) -> None:
    import redis
    from redis.backoff import ConstantBackoff
    from redis.retry import Retry

    again = Retry(ConstantBackoff(0.1), 300)
    server = redis.Redis(port=port, retry=again, retry_on_error=[redis.ConnectionError])
    assert server.ping()
    server.close()
