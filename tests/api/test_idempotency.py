"""A POST that comes again under its Idempotency-Key is answered as before, and done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, select, update

from infra.local.postgres import Postgres
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.kept_answers import KEPT_ANSWERS, KeptAnswers
from shared.store.registers.roles import Roles
from shared.store.registers.tenants import Tenants
from shared.store.session.sessions import operator_session
from shared.web.routes import routes
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.fixtures.audited import chain_of
from tests.fixtures.gate import Gate

pytestmark = pytest.mark.stack

NOBODY = "99999999-9999-9999-9999-999999999999"


@pytest.fixture
def app_settings(settings_with_graph: Settings) -> Settings:
    return settings_with_graph


def keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


def role(name: str = "desk") -> dict[str, object]:
    return {"role": name, "title": "Desk", "permissions": ["report:read"]}


def new_key(name: str = "k") -> dict[str, object]:
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    return {"name": name, "permissions": ["report:read"], "expiresAt": until}


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def acts(engine: Engine, tenant_id: UUID = DEPLOYMENT) -> list[tuple[str, str]]:
    return [(event.act, event.result) for event in chain_of(engine, tenant_id)]


def kept(engine: Engine) -> list[str]:
    with operator_session(engine) as connection:
        return [str(row) for row in connection.execute(select(KEPT_ANSWERS)).all()]


def test_what_comes_again_is_answered_as_before_and_done_once(api: Api) -> None:
    first = api.post("/v1/roles", role(), headers=keyed("a-1"))
    assert (first.status, "Idempotency-Replayed" in first.headers) == (201, False)
    for again in ('"a-1"', "a-1"):
        answer = api.post("/v1/roles", role(), headers=keyed(again), lang="ja")
        assert (answer.status, answer.body) == (201, first.body)
        assert answer.headers["Idempotency-Replayed"] == "true"
        for name in ("ETag", "Content-Type"):
            assert answer.headers[name] == first.headers[name]
        assert answer.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert acts(api.doors.engine) == [("role.create", "done")]
    assert code(api.post("/v1/roles", role())) == (409, "role_exists")
    assert code(api.post("/v1/roles", role(), headers=keyed("a-2"))) == (409, "role_exists")


def test_another_request_under_the_key_is_refused(api: Api) -> None:
    assert api.post("/v1/roles", role(), headers=keyed("k")).status == 201
    other = api.post("/v1/roles", role("other"), headers=keyed("k"))
    assert code(other) == (422, "idempotency_key_reused")
    assert other.json["parameter"] == "Idempotency-Key"
    assert [one.role for one in Roles(api.doors.engine).all()] == ["desk"]


def test_a_key_is_the_callers_own_and_of_one_tenant_and_route(api: Api, make_key: KeyMaker) -> None:
    for tenant in (TENANT, OTHER):
        for verb in ("pause", "resume"):
            answer = api.post(f"/v1/tenants/{tenant}/{verb}", headers=keyed("k"))
            assert (answer.status, "Idempotency-Replayed" in answer.headers) == (200, False)
    assert api.post("/v1/keys", new_key(), headers=keyed("k")).status == 201
    other = api.as_caller(x_api_key=make_key())
    made = other.post("/v1/keys", new_key("mine"), headers=keyed("k"))
    assert (made.status, made.json["details"]["name"]) == (201, "mine")


def test_what_was_answered_is_told_to_nobody_who_may_not_ask(api: Api, make_key: KeyMaker) -> None:
    plain = make_key("tenant:write", tenants=[TENANT])
    keeper, path = api.as_caller(x_api_key=plain), f"/v1/tenants/{TENANT}/pause"
    assert keeper.post(path, headers=keyed("k")).status == 200
    Tenants(api.doors.engine).set_state(TENANT, "removed")
    assert code(keeper.post(path, headers=keyed("k"))) == (401, "key_invalid")
    assert code(api.post(path, headers=keyed("k"))) == (404, "tenant_unknown")
    assert api.delete(f"/v1/tenants/{TENANT}", purge="true").status == 202


def test_many_copies_at_once_have_one_effect(api: Api) -> None:
    body = new_key()
    with ThreadPoolExecutor(8) as callers:
        sent = [
            callers.submit(api.post, "/v1/keys", body, headers=keyed("once")) for _ in range(40)
        ]
        answers = [one.result(120) for one in sent]
    told = {code(answer) for answer in answers}
    assert told <= {(201, ""), (409, "request_in_progress")}
    made = [answer.json for answer in answers if answer.status == 201]
    assert len({one["details"]["keyId"] for one in made}) == 1
    assert sum(one["key"] is not None for one in made) == 1
    assert [one.name for one in ApiKeys(api.doors.engine).all()].count("k") == 1
    assert acts(api.doors.engine).count(("key.create", "done")) == 1


def test_who_comes_while_the_first_is_answered_is_told_to_come_again(api: Api, gate: Gate) -> None:
    gate.stand_before("INSERT ON kanri.roles")
    with ThreadPoolExecutor(1) as callers:
        with gate.closed():
            first = callers.submit(api.post, "/v1/roles", role(), headers=keyed("k"))
            gate.wait_for(1)
            second = api.post("/v1/roles", role(), headers=keyed("k"))
            assert code(second) == (409, "request_in_progress")
            assert second.headers["Retry-After"] == "2"
        assert first.result(60).status == 201
    again = api.post("/v1/roles", role(), headers=keyed("k"))
    assert (again.status, again.body) == (201, first.result().body)


def test_what_broke_between_effect_and_answer_was_not_done_and_is_done_then(
    api: Api, gate: Gate, postgres_server: Postgres
) -> None:
    """Its session dies when the key is made and told, and the answer about to be kept."""
    gate.stand_before("INSERT ON kanri.kept_answers")
    database = str(api.doors.engine.url.database)
    with ThreadPoolExecutor(1) as callers, gate.closed():
        first = callers.submit(api.post, "/v1/keys", new_key("x"), headers=keyed("k"))
        gate.wait_for(1)
        with psycopg.connect(postgres_server.url(database), autocommit=True) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event = 'PgSleep'"
            )
        assert first.result(60).status == 503
    assert [one.name for one in ApiKeys(api.doors.engine).all()].count("x") == 0
    assert ("key.create", "done") not in acts(api.doors.engine)
    made = api.post("/v1/keys", new_key("x"), headers=keyed("k"))
    assert (made.status, made.json["key"] is None) == (201, False)


def test_what_cannot_be_told_is_neither_done_nor_kept(api: Api, postgres_server: Postgres) -> None:
    database = str(api.doors.engine.url.database)
    with psycopg.connect(postgres_server.url(database)) as owner:
        owner.execute("REVOKE INSERT ON kanri.audit_events FROM kanri_app")
    assert api.post("/v1/roles", role(), headers=keyed("k")).status == 500
    assert (Roles(api.doors.engine).all(), kept(api.doors.engine)) == ([], [])
    with psycopg.connect(postgres_server.url(database)) as owner:
        owner.execute("GRANT INSERT ON kanri.audit_events TO kanri_app")
    assert api.post("/v1/roles", role(), headers=keyed("k")).status == 201


def test_what_was_refused_may_come_again_put_right(api: Api) -> None:
    wrong = role() | {"permissions": ["nothing:ever"]}
    assert code(api.post("/v1/roles", wrong, headers=keyed("k"))) == (400, "permission_unknown")
    assert kept(api.doors.engine) == []
    assert api.post("/v1/roles", role(), headers=keyed("k")).status == 201


def test_a_secret_that_is_shown_once_is_kept_nowhere(api: Api) -> None:
    body = new_key()
    made = api.post("/v1/keys", body, headers=keyed("k"))
    plain, key_id = made.json["key"], made.json["details"]["keyId"]
    again = api.post("/v1/keys", body, headers=keyed("k"))
    assert (again.status, again.json) == (201, {**made.json, "key": None})
    rotated = api.post(f"/v1/keys/{key_id}/rotate", {"overlapMinutes": 1}, headers=keyed("k"))
    assert api.as_caller(x_api_key=rotated.json["key"]).get("/v1/me").status == 200
    repeated = api.post(f"/v1/keys/{key_id}/rotate", {"overlapMinutes": 1}, headers=keyed("k"))
    assert (repeated.status, repeated.json) == (201, {**rotated.json, "key": None})
    stored = "".join(kept(api.doors.engine))
    assert stored.count("keyId") == 2
    assert plain not in stored
    assert rotated.json["key"] not in stored


def test_every_answer_that_is_said_to_show_something_once_may_leave_it_out(api: Api) -> None:
    schemas = api.get("/openapi.json").json["components"]["schemas"]
    showing = [route for route in routes() if route.shown_once]
    assert len(showing) >= 2
    for route in showing:
        assert route.answer is not None
        for name in route.shown_once:
            schema = schemas[route.answer.__name__]["properties"][name]
            assert {"type": "null"} in schema["anyOf"], route.path


def test_collecting_again_under_the_key_sends_nothing_again(api: Api) -> None:
    path = f"/v1/tenants/{TENANT}/collections"
    first = api.post(path, {"datasets": ["users"]}, headers=keyed("k"))
    again = api.post(path, {"datasets": ["users"]}, headers=keyed("k"))
    assert (len(first.messages), len(again.messages)) == (1, 0)
    assert (again.status, again.json) == (202, first.json)
    assert again.headers["Location"] == first.headers["Location"]
    assert acts(api.doors.engine, TENANT) == [("collection.start", "done")]


def test_connecting_asks_graph_once(
    api: Api, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.clear_faults()
    body = {"tenantId": sandbox.tenants[0].tenant_id}
    first = api.post("/v1/tenants", body, headers=keyed("k"))
    assert first.status == 200, first.json
    Tenants(api.doors.engine).set_state(UUID(body["tenantId"]), "removed")
    again = api.post("/v1/tenants", body, headers=keyed("k"))
    assert (again.status, again.json) == (200, first.json)
    assert Tenants(api.doors.engine).get(UUID(body["tenantId"])).state == "removed"


def test_a_day_later_it_is_done_anew(api: Api) -> None:
    engine = api.doors.engine
    assert api.post("/v1/roles", role(), headers=keyed("k")).status == 201
    with operator_session(engine) as connection:
        connection.execute(update(KEPT_ANSWERS).values(kept_until=clock.now()))
    assert code(api.post("/v1/roles", role(), headers=keyed("k"))) == (409, "role_exists")
    assert api.post("/v1/roles", role("next"), headers=keyed("k")).status == 201
    assert len(kept(engine)) == 1
    assert KeptAnswers(engine).forget(clock.now() + timedelta(hours=23)) == 0
    assert KeptAnswers(engine).forget(clock.now() + timedelta(hours=25)) == 1
    assert kept(engine) == []


@pytest.mark.parametrize(
    "key", ["", " ", '"', '""', 'a"b', '"a', "a,b", "a b", "x" * 256, "é", "a\\b", '"a";p=1']
)
def test_a_malformed_key_is_named(api: Api, key: str) -> None:
    answer = api.post("/v1/roles", role(), headers=keyed(key))
    assert code(answer) == (400, "idempotency_key_malformed")
    assert answer.json["parameter"] == "Idempotency-Key"
    assert Roles(api.doors.engine).all() == []


@pytest.mark.parametrize("key", [NOBODY, "x" * 255, f'"{NOBODY}"', "!#$%&'()*+-./:;<=>?@"])
def test_whatever_clients_call_a_request_is_a_key(api: Api, key: str) -> None:
    for _ in range(2):
        assert api.post("/v1/roles", role(), headers=keyed(key)).status == 201


def test_every_post_of_callers_takes_a_key_and_says_so(api: Api) -> None:
    described = api.get("/openapi.json").json["paths"]
    for route in routes():
        operation = described[f"/{route.path}"][route.method.lower()]
        named = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
        takes = route.method == "POST" and route.endpoint.kind == "api"
        assert ("Idempotency-Key" in named) == takes, route.path
        if takes:
            assert "422" in operation["responses"]
            success = operation["responses"][str(route.status)]
            assert "Idempotency-Replayed" in success["headers"]
            assert "Retry-After" in operation["responses"]["409"]["headers"]
