"""How what Kanri is connected to fares, by HTTP: of which tenants, and what is not known is not claimed."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.coverage import State
from shared.core.integration import INTEGRATIONS
from shared.core.registry import of
from shared.core.work import DEPLOYMENT
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.api.doors import Doors
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

PATH = "/v1/integrations"


def told(api: Api, integration: str) -> list[dict[str, Any]]:
    answer = api.get(PATH, integration=integration)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["integrations"]
    return found


def only(api: Api, integration: str) -> dict[str, Any]:
    [found] = told(api, integration)
    return found


def anchored(engine: Engine, at: datetime, state: State, cause: str | None = None) -> None:
    """A run of the work that keeps audit heads, as it would have ended."""
    runs = Runs(engine)
    [claim] = runs.request(DEPLOYMENT, ["heads"], at, kind="anchor_audit")
    run = runs.open(claim, at)
    assert isinstance(run, Run), run
    runs.finish(run, state, now=at, cause=cause)


def test_everything_is_told_of_and_nothing_unseen_is_called_good(api: Api) -> None:
    found = api.get(PATH).json["integrations"]
    assert {one["integration"] for one in found} == set(of(INTEGRATIONS))
    states = {one["integration"]: one["state"] for one in found}
    assert states["postgresql"] == states["key_vault"] == "ok"
    for unseen in ("graph", "entra", "storage_tables", "storage_blobs"):
        assert states[unseen] == "unknown", unseen
    assert {one["ageSeconds"] for one in found if one["state"] == "unknown"} == {None}


def test_graph_fares_as_collections_have_found_it(api: Api, app_engine: Engine) -> None:
    now = clock.now()
    collect(app_engine, TENANT, "users", [], at=now - timedelta(hours=2))
    collect(app_engine, OTHER, "users", [], at=now - timedelta(hours=2))
    collect(
        app_engine,
        OTHER,
        "domains",
        [],
        at=now - timedelta(hours=1),
        state="failed",
        cause="graph_refused",
    )
    good, bad = told(api, "graph")
    assert (good["state"], good["lastErrorCode"]) == ("ok", None)
    assert 7190 < good["ageSeconds"] < 7300
    assert (bad["state"], bad["lastErrorCode"]) == ("degraded", "graph_refused")
    assert bad["details"] == {"datasets": 2, "failing": 1}
    assert [one["state"] for one in told(api, "entra")] == ["ok", "ok"]
    assert api.post(f"/v1/tenants/{OTHER}/pause").status == 200
    assert [one["state"] for one in told(api, "graph")] == ["ok", "paused"]
    assert [one["tenantId"] for one in api.get(PATH, state="paused").json["integrations"]] == [
        str(OTHER)
    ]


def test_what_asks_nothing_of_graph_says_nothing_of_it(api: Api, app_engine: Engine) -> None:
    """Neither a file that somebody imports, nor a dataset that is off."""
    now, price = clock.now(), {"id": "p", "sku_id": "x", "monthly_unit_price": 1.0}

    def of_tenant(integration: str) -> str:
        found = next(one for one in told(api, integration) if one["tenantId"] == str(TENANT))
        return str(found["state"])

    def whole(name: str) -> str:
        components = api.get("/v1/ops/health").json["components"]
        return str(next(one["state"] for one in components if one["name"] == name))

    def ask_nothing() -> None:
        collect(app_engine, TENANT, "license_prices", [price])
        collect(app_engine, TENANT, "inbox_rules", [], state="off", cause="not_switched_on")

    ask_nothing()
    assert [of_tenant(one) for one in ("graph", "entra")] == ["unknown", "unknown"]
    assert [whole(one) for one in ("graph", "identity")] == ["unknown", "unknown"]
    [posture] = [
        one
        for one in api.get("/v1/security/posture", check="tenants_read").json["findings"]
        if one["tenantId"] == str(TENANT)
    ]
    assert posture["status"] == "unknown"
    at = now - timedelta(minutes=5)
    collect(app_engine, TENANT, "users", [], at=at, state="failed", cause="entra_unreachable")
    ask_nothing()
    assert of_tenant("entra") == "failing"
    assert whole("identity") == "failing"


def test_what_was_heard_of_long_ago_is_unknown(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", [], at=clock.now() - timedelta(days=2))
    graph = next(one for one in told(api, "graph") if one["tenantId"] == str(TENANT))
    assert graph["state"] == "unknown"
    assert graph["ageSeconds"] > 86_400


def test_who_got_no_token_is_told_of_entra(api: Api, app_engine: Engine) -> None:
    at = clock.now() - timedelta(hours=1)
    collect(app_engine, TENANT, "users", [], at=at, state="failed", cause="entra_refused")
    entra = next(one for one in told(api, "entra") if one["tenantId"] == str(TENANT))
    assert (entra["state"], entra["lastErrorCode"]) == ("failing", "entra_refused")
    collect(app_engine, TENANT, "domains", [], at=at + timedelta(minutes=5))
    entra = next(one for one in told(api, "entra") if one["tenantId"] == str(TENANT))
    assert (entra["state"], entra["lastErrorCode"]) == ("ok", "entra_refused")


def test_storage_fares_as_the_last_anchor_did(api: Api, app_engine: Engine) -> None:
    now = clock.now()
    anchored(app_engine, now - timedelta(minutes=40), "ok")
    assert only(api, "storage_tables")["state"] == only(api, "storage_blobs")["state"] == "ok"
    anchored(app_engine, now - timedelta(minutes=20), "failed", "storage_unavailable")
    blobs = only(api, "storage_blobs")
    assert (blobs["state"], blobs["lastErrorCode"]) == ("failing", "storage_unavailable")
    assert 2390 < blobs["ageSeconds"] < 2500, "since it was well last"
    [posture] = api.get("/v1/security/posture", check="audit_anchored").json["findings"]
    assert posture["status"] == "pass", "an hour has not gone by"
    anchored(app_engine, now - timedelta(minutes=10), "failed", "storage_missing")
    assert only(api, "storage_tables")["state"] == "absent"


def test_messages_that_were_given_up_are_told_of_the_queues(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", [])
    assert only(api, "storage_queues")["state"] == "ok"
    DeadLetters(app_engine).add("collect", "{}", "message_malformed", None)
    queues = only(api, "storage_queues")
    assert (queues["state"], queues["lastErrorCode"]) == ("degraded", "message_malformed")
    assert queues["details"] == {"deadLetters": 1}


def test_keys_that_do_not_open_are_told_of_the_vault(api: Api) -> None:
    assert api.get(PATH, top=1).json["cursor"], "a secret is sealed now"
    other = replace(api.doors.settings(), sealing_keys=f"other:{'x1y2z3w4' * 4}")
    vault = only(replace(api, doors=Doors(api.doors.engine, other)), "key_vault")
    assert (vault["state"], vault["lastErrorCode"]) == ("failing", "sealed_key_unknown")
    none = replace(api.doors.settings(), sealing_keys="")
    assert only(replace(api, doors=Doors(api.doors.engine, none)), "key_vault")["state"] == "absent"


def test_who_sees_one_tenant_is_told_of_its_connections_only(api: Api, make_key: KeyMaker) -> None:
    narrow = api.as_caller(x_api_key=make_key("integration:read", tenants=[TENANT]))
    found = narrow.get(PATH).json["integrations"]
    assert {(one["integration"], one["tenantId"]) for one in found} == {
        ("graph", str(TENANT)),
        ("entra", str(TENANT)),
    }
    assert narrow.get(PATH, tenant=OTHER).json["code"] == "tenant_forbidden"


def test_pages_add_up_and_a_copy_is_right_until_something_changes(
    api: Api, app_engine: Engine
) -> None:
    whole = api.get(PATH, integration="graph")
    first = api.get(PATH, integration="graph", top=1)
    second = api.get(PATH, integration="graph", top=1, cursor=first.json["cursor"])
    both = first.json["integrations"] + second.json["integrations"]
    assert both == whole.json["integrations"]
    assert second.json["cursor"] is None
    named = {"if-none-match": api.get(PATH).headers["ETag"]}
    assert api.get(PATH, named).status == 304
    collect(app_engine, TENANT, "users", [])
    assert api.get(PATH, named).status == 200
    assert api.send("GET", PATH, {"state": "fine"}).json["code"] == "value_not_allowed"
