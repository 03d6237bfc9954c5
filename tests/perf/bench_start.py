"""Cold start: indexing the app, and its first report, against an empty function app (client CPU)."""

from collections.abc import Mapping
from copy import replace
from pathlib import Path
from uuid import uuid4

from tests.fixtures.sealing import SEALING_KEYS
from tests.perf import fill
from tests.perf.ground import Ground
from tests.perf.outcome import Options, Outcome, findings
from tests.perf.rounds import Ratio, Variant, run_rounds, run_variant

_APP = str(Path(__file__).resolve().parents[2])

_HOST = "http://localhost/api"

_EMPTY_APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="ping")
def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")
"""

_TARGETS = (
    Ratio("index, CPU, Kanri / empty app", "cpu_ms", "index", "empty index", 1.15, "at most"),
    Ratio(
        "index + first report, CPU, Kanri / empty app",
        *("cpu_ms", "first report", "empty call", 3.0, "at most"),
    ),
)


def run(ground: Ground, options: Options) -> Outcome:
    """Index both apps, and let each answer its first call; every start is a fresh process."""
    empty = ground.scratch / "empty_app"
    empty.mkdir()
    (empty / "function_app.py").write_text(_EMPTY_APP)
    database = ground.product_database()
    try:
        variants = [
            _variant("empty index", str(empty)),
            _variant("index", _APP),
            _variant("empty call", str(empty), call={"function": "ping", "url": f"{_HOST}/ping"}),
            _first_report(database),
        ]
        for variant in variants:
            options.say(f"compiling: {variant.name}")
            run_variant(variant)
        measured = run_rounds(variants, options.rounds, options.say)
    finally:
        ground.drop(database)
    return Outcome(
        "start",
        f"a fresh worker, bytecode warm, {options.rounds} rounds",
        measured,
        findings(measured, _TARGETS),
        notes=(
            "  asserted: nothing heavy is loaded by indexing, nor more than needed by a report",
        ),
    )


def _first_report(database: Mapping[str, object]) -> Variant:
    """The worker's first answer: the user list of a small tenant, asked for with an API key."""
    tenant = {"tenant_id": str(uuid4()), "rows": 100}
    run_variant(Variant("fill", "tests.perf.fill:users", {**database, **tenant}))
    call = {
        "function": "http_report",
        "url": f"{_HOST}/v1/tenants/{tenant['tenant_id']}/reports/users",
        "headers": {"x-api-key": fill.api_key(str(database["app_database"]))},
        "parameters": {"tenant": tenant["tenant_id"], "key": "users"},
    }
    settings = {
        "KANRI_DATABASE_URL": str(database["app_database"]),
        "KANRI_SEALING_KEYS": SEALING_KEYS,
    }
    return replace(_variant("first report", _APP, call=call), environment=settings)


def _variant(name: str, app: str, **job: object) -> Variant:
    return Variant(name, "tests.perf.start_worker:index", {"app": app, **job})
