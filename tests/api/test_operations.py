"""Tenants, collections, ledger and health."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock, registry
from shared.core.errors import Superseded
from shared.core.messages import parse_claim
from shared.core.settings import Settings
from shared.store.registers.consents import Consents
from shared.store.registers.tenants import Tenants
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import bury, receive
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker, purge
from tests.api.doors import Doors
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack


@pytest.fixture
def app_settings(settings_with_graph: Settings) -> Settings:
    return settings_with_graph


def test_connecting_a_tenant_checks_its_consent_and_takes_its_name(
    api: Api, sandbox: SandboxReady
) -> None:
    tenant = sandbox.tenants[0]
    answer = api.post("/v1/tenants", {"tenantId": tenant.tenant_id})
    assert answer.status == 200, answer.json
    assert answer.json["tenant"]["displayName"] == tenant.display_name
    assert answer.json["tenant"]["state"] == "active"
    consent = answer.json["consent"]
    assert {entry["permission"] for entry in consent["permissions"]} >= {"User.Read.All"}
    assert all(entry["purpose"] and entry["datasets"] for entry in consent["permissions"])
    assert consent["complete"] is (consent["missing"] == [])
    seen = Consents(api.doors.engine).of([UUID(tenant.tenant_id)])[UUID(tenant.tenant_id)]
    assert "User.Read.All" in seen.granted
    again = api.post("/v1/tenants", {"tenantId": tenant.tenant_id, "displayName": "Mine"})
    assert again.json["tenant"]["displayName"] == "Mine"


def test_a_missing_permission_is_named_with_its_purpose(api: Api, sandbox: SandboxReady) -> None:
    tenant = sandbox.tenants[0]
    admin = SandboxAdmin(sandbox.admin_url, sandbox.ca_file, sandbox.admin_token)
    app = admin.app(tenant.tenant_id, appId=tenant.client_id)
    kept = [name for name in app["permissions"] if name != "AuditLog.Read.All"]
    admin.app(tenant.tenant_id, appId=tenant.client_id, permissions=kept)
    try:
        api.post("/v1/tenants", {"tenantId": tenant.tenant_id})
        path = f"/v1/tenants/{tenant.tenant_id}/consent"
        consent = api.get(path, lang="ja").json
    finally:
        admin.app(tenant.tenant_id, appId=tenant.client_id, permissions=app["permissions"])
    assert consent["missing"] == ["AuditLog.Read.All"]
    (entry,) = [item for item in consent["permissions"] if not item["granted"]]
    assert "sign_ins" in entry["datasets"]
    assert "サインイン" in entry["purpose"]
    assert api.get(path).json["complete"] is True


def test_a_tenant_that_does_not_know_the_app_is_not_connected(api: Api) -> None:
    stranger = "99999999-9999-9999-9999-999999999999"
    answer = api.post("/v1/tenants", {"tenantId": stranger, "displayName": "x"})
    problem = answer.json
    assert (answer.status, problem["code"]) == (400, "tenant_not_in_entra"), problem
    assert problem["parameter"] == "tenantId"
    assert api.get(f"/v1/tenants/{stranger}").status == 404


def test_a_tenant_is_paused_resumed_and_removed(api: Api, app_engine: Engine) -> None:
    path = f"/v1/tenants/{TENANT}"
    collect(app_engine, TENANT, "users", [{"id": "u"}])
    collect(app_engine, OTHER, "users", [{"id": "o"}])
    assert api.post(f"{path}/pause").json["state"] == "paused"
    refused = api.post(f"{path}/collections", {})
    assert (refused.status, refused.messages) == (409, ())
    assert api.get(f"{path}/reports/users").json["rowCount"] == 1
    assert api.post(f"{path}/resume").json["state"] == "active"
    assert api.delete(path).status == 204
    assert api.get(f"{path}/reports/users").status == 404
    assert [t["tenantId"] for t in api.get("/v1/tenants").json["tenants"]] == [str(OTHER)]
    purge(api, TENANT)
    Tenants(api.doors.engine).add(TENANT, "Contoso")
    assert api.get(f"{path}/reports/users").json["rowCount"] == 0
    assert api.get(f"/v1/tenants/{OTHER}/reports/users").json["rowCount"] == 1


def test_collect_now_sends_one_message_per_dataset(api: Api) -> None:
    path = f"/v1/tenants/{TENANT}/collections"
    answer = api.post(path, {"datasets": ["users", "groups"]})
    assert answer.status == 202
    assert answer.json["underWay"] == []
    messages = [parse_claim(message) for message in answer.messages]
    assert {message.subject for message in messages} == {"users", "groups"}
    started = {run["dataset"]: run["runId"] for run in answer.json["runs"]}
    assert {message.subject: str(message.run_id) for message in messages} == started
    standing = {entry["dataset"]: entry for entry in api.get(path).json["datasets"]}
    assert set(standing) == set(registry.datasets())
    assert standing["users"]["pending"] is True
    assert standing["domains"]["state"] is None
    everything = api.post(f"/v1/tenants/{OTHER}/collections", {})
    assert len(everything.messages) == len(registry.datasets())


def test_collecting_now_again_and_again_sends_no_message_twice(api: Api) -> None:
    path = f"/v1/tenants/{TENANT}/collections"
    with ThreadPoolExecutor(4) as pool:
        answers = [
            future.result(120) for future in [pool.submit(api.post, path) for _ in range(40)]
        ]
    assert {answer.status for answer in answers} == {202}
    messages = [message for answer in answers for message in answer.messages]
    sent = [parse_claim(message) for message in messages]
    assert sorted(message.subject for message in sent) == sorted(registry.datasets())
    last = api.post(path, {"datasets": ["users", "groups"]}).json
    assert last["runs"] == []
    assert last["underWay"] == [
        {"dataset": "groups", "state": "pending"},
        {"dataset": "users", "state": "pending"},
    ]


def test_a_tenant_removed_with_messages_under_way_leaves_no_dead_letter(
    api: Api, doors: Doors
) -> None:
    path = f"/v1/tenants/{TENANT}"
    sent = [message.encode() for message in api.post(f"{path}/collections").messages]
    assert len(sent) == len(registry.datasets())
    now = clock.now()
    running = Runs(doors.engine).open(parse_claim(sent[0]), now)
    assert isinstance(running, Run)
    through = WorkDoors(engine=doors.engine, graph=doors.fresh_graph, slice_seconds=60)
    for purged in (False, True):
        answer = purge(api, TENANT) if purged else api.delete(path)
        assert answer.status == (202 if purged else 204)
        for number, body in enumerate(sent):
            assert asyncio.run(receive(body, f"m{number}", through, "collect")) == []
            asyncio.run(bury(body, f"p{number}", through, "collect"))
    with pytest.raises(Superseded):
        Runs(doors.engine).finish(running, "ok", now=now)
    assert DeadLetters(doors.engine).count() == 0
    assert api.get("/health/ready").status == 200
    stray = sent[0].replace(str(TENANT).encode(), b"99999999-9999-9999-9999-999999999999")
    asyncio.run(receive(stray, "m-stray", through, "collect"))
    assert [letter.cause for letter in DeadLetters(doors.engine).all()] == ["tenant_unknown"]


def test_the_ledger_is_read_page_by_page(api: Api, app_engine: Engine) -> None:
    start = clock.now() - timedelta(days=1)
    for hour in range(5):
        collect(app_engine, TENANT, "users", [{"id": "u"}], at=start + timedelta(hours=hour))
    collect(app_engine, TENANT, "domains", [], state="failed", cause="graph_refused")
    path = f"/v1/tenants/{TENANT}/ledger"
    first = api.get(path, dataset="users", top=3).json
    rest = api.get(path, dataset="users", top=3, cursor=first["cursor"]).json
    runs = first["runs"] + rest["runs"]
    assert [len(first["runs"]), len(rest["runs"]), rest["cursor"]] == [3, 2, None]
    assert [run["finishedAt"] for run in runs] == sorted(
        (run["finishedAt"] for run in runs), reverse=True
    )
    assert [run["counts"]["inserted"] for run in runs] == [0, 0, 0, 0, 1]
    (failed,) = api.get(path, dataset="domains").json["runs"]
    assert (failed["state"], failed["cause"]) == ("failed", "graph_refused")
    assert api.get(path, dataset="users", top=5).json["cursor"] is None, "that was the last page"
    foreign = api.get(path, dataset="domains", cursor=first["cursor"])
    assert foreign.json["code"] == "cursor_foreign"


@pytest.mark.parametrize("noun", ["keys", "tenants", "dead-letters"])
def test_lists_are_read_page_by_page(api: Api, doors: Doors, make_key: KeyMaker, noun: str) -> None:
    for number in range(6):
        make_key("report:read")
        Tenants(doors.engine).add(UUID(int=number + 1), f"Tenant {number % 3}")
        DeadLetters(doors.engine).add("collect", "{}", "message_malformed", None, f"m{number}")
    whole = api.get(f"/v1/{noun}", top=1000).json
    (field,) = (name for name, value in whole.items() if isinstance(value, list))
    assert whole["cursor"] is None
    assert len(whole[field]) >= 6
    walked: list[object] = []
    query: dict[str, object] = {"top": 4}
    while query.get("cursor", "first") is not None:
        answer = api.send("GET", f"/v1/{noun}", query)
        assert answer.status == 200, answer.json
        assert len(answer.json[field]) <= 4
        walked += answer.json[field]
        query["cursor"] = answer.json["cursor"]
    assert walked == whole[field]
    first = api.get(f"/v1/{noun}", top=4).json["cursor"]
    elsewhere = {"keys": "tenants", "tenants": "dead-letters", "dead-letters": "keys"}[noun]
    refused = api.get(f"/v1/{elsewhere}", top=4, cursor=first)
    assert (refused.status, refused.json["code"]) == (400, "cursor_foreign")


def test_readiness_tells_what_is_wrong(api: Api, doors: Doors) -> None:
    ready = api.get("/health/ready")
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert {check["name"] for check in ready.json["checks"]} == {
        "database",
        "schema",
        "schedule",
        "deadLetters",
    }
    DeadLetters(doors.engine).add("collect", "{}", "message_malformed", "x", "m1")
    broken = api.get("/health/ready")
    assert broken.status == 503
    bad = [check["name"] for check in broken.json["checks"] if not check["ok"]]
    assert bad == ["deadLetters"]
    (letter,) = api.get("/v1/dead-letters").json["deadLetters"]
    assert (letter["queue"], letter["cause"]) == ("collect", "message_malformed")


def test_a_guid_in_any_spelling_names_the_tenant(api: Api) -> None:
    for name in (str(TENANT).upper(), f"{{{TENANT}}}", TENANT.hex):
        assert UUID(api.get(f"/v1/tenants/{name}").json["tenantId"]) == TENANT
