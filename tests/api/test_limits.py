"""Limits through the front door: what is spent, who is told to wait, who is shut out."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core import clock
from shared.web.front import respond_in_turn
from shared.web.http import Request
from shared.web.routes import routes
from shared.web.shares import Shares
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.api.limited import found, from_, limited
from tests.fixtures.audited import chain_of

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("one_window")]

PATH = f"/v1/tenants/{TENANT}"
REPORT = f"{PATH}/reports/users"


def test_who_has_spent_a_quota_is_told_when_the_next_window_begins(api: Api) -> None:
    api = limited(api, "reading.caller=3")
    answers = [api.get(PATH) for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    rest = [re.fullmatch(r'"reading";r=(\d);t=(\d+)', one.headers["RateLimit"]) for one in answers]
    assert [match and match[1] for match in rest] == ["2", "1", "0", "0", "0"]
    policies = {one.headers["RateLimit-Policy"] for one in answers[:4]}
    assert policies == {'"reading";q=3;w=60, "reading-tenant";q=12000;w=60'}
    for answer, match in zip(answers[3:], rest[3:], strict=True):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["code"] == "rate_limited"
        assert match is not None
        assert 0 < int(match[2]) <= 60
        assert 0 < int(answer.headers["Retry-After"]) <= 61
    ja = api.get(PATH, lang="ja")
    assert "割り当て reading" in ja.json["detail"]


def test_reading_exporting_and_writing_are_counted_apart(api: Api) -> None:
    api = limited(api, "reading.caller=1 exporting.caller=1 writing.caller=1")
    for _ in range(2):
        statuses = [
            api.get(REPORT).status,
            api.get(REPORT, format="csv").status,
            api.post(f"{PATH}/pause").status,
        ]
    assert statuses == [429, 429, 429]
    assert chain_of(api.doors.engine, TENANT)[-1].act == "tenant.pause"


def test_the_next_window_begins_anew(api: Api, one_window: Path) -> None:
    api = limited(api, "reading.caller=1")
    assert [api.get(PATH).status for _ in range(2)] == [200, 429]
    clock.move(one_window, timedelta(seconds=60))
    assert [api.get(PATH).status for _ in range(2)] == [200, 429]


def test_all_workers_count_together(api: Api) -> None:
    workers = [limited(api, "reading.caller=7") for _ in range(3)]
    assert sum(worker.get(PATH).status == 200 for _ in range(5) for worker in workers) == 7


def test_callers_are_apart_and_so_are_addresses(api: Api, make_key: KeyMaker) -> None:
    for who in (api, api.as_caller(x_api_key=make_key())):
        worker = limited(who, "reading.caller=2")
        assert [worker.get(PATH).status for _ in range(3)] == [200, 200, 429]
    third = limited(api.as_caller(x_api_key=make_key()), "reading.address=2")
    here, there = from_("203.0.113.7"), from_("203.0.113.8")
    assert [third.get("/v1/tenants", headers=here).status for _ in range(3)] == [200, 200, 429]
    assert third.get("/v1/tenants", headers=there).status == 200


def test_a_tenant_has_a_quota_that_all_its_callers_share_and_no_stranger_spends(
    api: Api, make_key: KeyMaker
) -> None:
    quotas = "reading.tenant=4"
    stranger = limited(api.as_caller(x_api_key=make_key("tenant:read", tenants=[OTHER])), quotas)
    assert {stranger.get(PATH).status for _ in range(6)} == {403}
    ours = [
        limited(api.as_caller(x_api_key=make_key("tenant:read", tenants=[TENANT])), quotas)
        for _ in range(2)
    ]
    answers = [one.get(PATH) for _ in range(3) for one in ours]
    assert [answer.status for answer in answers] == [200] * 4 + [429] * 2
    assert '"reading-tenant";r=0' in answers[-1].headers["RateLimit"]
    assert stranger.get(f"/v1/tenants/{OTHER}").status == 200, "others have their own"


def test_probes_are_never_limited(api: Api) -> None:
    api = limited(api, "reading.caller=1 reading.address=1", allowed_ranges=("10.0.0.0/8",))
    for _ in range(3):
        for path in ("/health/live", "/health/ready"):
            answer = api.get(path, headers=from_("203.0.113.7"))
            assert answer.status in (200, 503)
            assert "RateLimit" not in answer.headers


def test_what_is_refused_is_counted_too(api: Api, make_key: KeyMaker) -> None:
    narrow = limited(api.as_caller(x_api_key=make_key("report:read")), "reading.caller=3")
    assert [narrow.get("/v1/keys").status for _ in range(4)] == [403, 403, 403, 429]


def test_whoever_has_to_wait_takes_neither_a_thread_nor_a_session(api: Api) -> None:
    """The front knows him by his credential; there are no other doors than limits and counts."""
    api = limited(api, "reading.caller=1")
    assert [api.get(PATH).status for _ in range(2)] == [200, 429]
    route = next(route for route in routes() if route.endpoint.function == "http_tenant")
    ours = api.doors
    doors: Any = SimpleNamespace(settings=ours.settings, limits=ours.limits, samples=ours.samples)
    request = Request("GET", "https://x/", {}, dict(api.headers), {"tenant": str(TENANT)})
    answer = asyncio.run(respond_in_turn(route, request, doors, lambda: Shares.of(4)))
    assert (answer.status, json.loads(answer.body)["code"]) == (429, "rate_limited")


def test_without_a_lease_a_request_goes_on(api: Api, postgres_server: Postgres) -> None:
    """Where the database cannot be asked for one, the answer is the route's own: never a 500."""
    own = str(api.doors.engine.url.database)
    api = limited(api, "reading.caller=6000 failed_sign_ins.address=1")
    with psycopg.connect(postgres_server.url(own)) as owner:
        owner.execute("LOCK TABLE kanri.rate_windows IN ACCESS EXCLUSIVE MODE")
        answers = [api.get(PATH) for _ in range(3)]
        assert [answer.status for answer in answers] == [200] * 3
        assert '"reading";r=497;' in answers[-1].headers["RateLimit"], "a twelfth, for 5 seconds"
        stranger = api.as_caller(x_api_key="kanri_test_wrong", x_forwarded_for="203.0.113.7")
        assert found(stranger.get(PATH)) == (401, "key_invalid")
    assert found(stranger.get(PATH)) == (429, "sign_ins_blocked")


def test_a_tenant_is_a_guid_however_it_is_spelled(api: Api) -> None:
    api = limited(api, "reading.tenant=2")
    spelled = [str(TENANT), str(TENANT).upper(), TENANT.hex]
    assert [api.get(f"/v1/tenants/{one}").status for one in spelled] == [200, 200, 429]
