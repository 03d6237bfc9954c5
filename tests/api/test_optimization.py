"""Optimising the database over the API: asked for, done by the app's role, told in both languages."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from infra.local.postgres import Postgres
from shared.core import clock
from shared.core.clock import written
from shared.core.database_check import CHECKS, Finding
from shared.core.messages import Claim, parse_claim
from shared.core.registry import of
from shared.core.work import DEPLOYMENT, At
from shared.store.optimization.records import CheckSeen, Look
from shared.store.optimization.runs import OptimizationRuns
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from shared.usecases.dispatch import dispatch
from shared.usecases.doors import WorkDoors
from shared.usecases.optimize_database import KIND, Limits, optimize_database
from tests.api.conftest import TENANT, Answer, Api, KeyMaker, work_off
from tests.fixtures.ailing import owning, plant
from tests.fixtures.audited import chain_of
from tests.fixtures.store import APP_ROLE

pytestmark = pytest.mark.stack

DATABASE = "/v1/ops/optimization/database"
PLANTED = "data.planted"


def start(api: Api) -> Answer:
    answer = api.post(DATABASE)
    assert answer.status == 202, answer.json
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json['jobId']}"
    return answer


@pytest.fixture
def owner_url(api: Api, postgres_server: Postgres) -> str:
    return postgres_server.url(str(api.doors.engine.url.database))


def ailing(url: str) -> None:
    with owning(url) as owner:
        plant(owner, APP_ROLE, 5000)
        owner.execute("DELETE FROM data.planted WHERE id <= 3000")


def opened(api: Api) -> tuple[Run, WorkDoors]:
    """A run of the work, begun and not done."""
    [message] = start(api).messages
    run = Runs(api.doors.engine).open(parse_claim(message), clock.now())
    assert isinstance(run, Run)
    return run, WorkDoors(engine=api.doors.engine, graph=api.doors.fresh_graph, slice_seconds=60)


def test_before_the_first_look_everything_is_unknown(api: Api) -> None:
    found = api.get(DATABASE).json
    assert (found["run"], found["underWay"], found["findings"], found["work"]) == (
        None,
        False,
        [],
        [],
    )
    assert found["nextDue"] is not None
    assert [one["check"] for one in found["checks"]] == sorted(of(CHECKS))
    assert {(one["state"], one["found"]) for one in found["checks"]} == {("unknown", None)}
    assert all(one["cause"] for one in found["checks"])


def test_what_ails_the_database_is_found_done_about_and_told(api: Api, owner_url: str) -> None:
    ailing(owner_url)
    answer = start(api)
    assert api.get(DATABASE).json["underWay"]
    assert start(api).messages == (), "the run that is under way is waited for"
    work_off(api.doors, answer)
    job = api.get(answer.headers["Location"].removeprefix("/api")).json
    assert (job["state"], job["act"], job["tenantId"]) == ("succeeded", "database.optimize", None)
    found = api.get(DATABASE).json
    assert not found["underWay"]
    assert 0 <= found["run"]["ageSeconds"] < 600
    assert found["run"]["countingSince"] is None
    dead = {one["check"]: one for one in found["findings"] if one["object"] == PLANTED}
    assert set(dead) == {"dead_tuples", "stale_statistics"}
    assert (dead["dead_tuples"]["severity"], dead["dead_tuples"]["done"]) == ("warning", "done")
    assert "3000 rows of data.planted are dead" in dead["dead_tuples"]["why"]
    [work] = [one for one in found["work"] if one["table"] == PLANTED]
    assert (work["remedy"], work["deadBefore"], work["deadAfter"]) == ("vacuum", 3000, 0)
    states = {one["check"]: one["state"] for one in found["checks"]}
    assert (states["dead_tuples"], states["wraparound"]) == ("found", "clear")
    told = api.get(DATABASE, lang="ja").json
    assert any("不要行" in one["why"] for one in told["findings"])
    work_off(api.doors, start(api))
    again = api.get(DATABASE).json["findings"]
    assert [one for one in again if one["object"] == PLANTED] == [], "it has helped"


def test_findings_are_those_that_are_at_least_so_severe(api: Api, owner_url: str) -> None:
    ailing(owner_url)
    with owning(owner_url) as owner:
        owner.execute("CREATE TABLE data.twigs (of int REFERENCES data.planted)")
    work_off(api.doors, start(api))

    def checks(severity: str = "notice") -> set[str]:
        found = api.get(DATABASE, severity=severity).json["findings"]
        return {one["check"] for one in found}

    assert {"unindexed_foreign_keys", "dead_tuples"} <= checks()
    assert (
        api.get(DATABASE).json["findings"] == api.get(DATABASE, severity="notice").json["findings"]
    )
    assert "dead_tuples" in checks("warning")
    assert "unindexed_foreign_keys" not in checks("warning")
    assert "dead_tuples" not in checks("critical")
    refused = api.get(DATABASE, severity="dreadful")
    assert (refused.status, refused.json["parameter"]) == (400, "severity")


def test_it_is_an_operators_act_on_the_whole_deployment_and_told(
    api: Api, make_key: KeyMaker
) -> None:
    reader = api.as_caller(x_api_key=make_key("ops:read"))
    assert reader.get(DATABASE).status == 200
    assert reader.post(DATABASE).json["code"] == "permission_missing"
    narrow = api.as_caller(x_api_key=make_key("ops:read", "ops:write", tenants=[TENANT]))
    assert narrow.get(DATABASE).json["code"] == "scope_too_narrow"
    assert narrow.post(DATABASE).json["code"] == "scope_too_narrow"
    work_off(api.doors, start(api))
    told = [
        (one.caller.partition(":")[0], one.result)
        for one in chain_of(api.doors.engine, DEPLOYMENT)
        if one.act == "database.optimize"
    ]
    assert told[-3:] == [("key", "done"), ("work", "begun"), ("work", "done")]


def test_it_comes_by_itself_once_a_day(api: Api) -> None:
    runs, now = Runs(api.doors.engine), clock.now()
    night = At("40 4 * * *").next_after(now)

    def due(at: datetime) -> list[Claim]:
        return [one.message for one in dispatch(runs, at) if one.message.kind == KIND]

    assert due(now) == []
    assert api.get(DATABASE).json["nextDue"] == written(night)
    due_then = due(night)
    assert [(one.tenant_id, one.subject) for one in due_then] == [(DEPLOYMENT, "database")]


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [
        (Limits(active=0), "busy"),
        (Limits(connections=0.0), "busy"),
        (Limits(tables=0), "over_limit"),
        (Limits(seconds=0.0), "over_limit"),
    ],
)
def test_a_run_has_limits_and_says_what_it_left(
    api: Api, owner_url: str, limits: Limits, outcome: str
) -> None:
    ailing(owner_url)
    run, doors = opened(api)
    done = {one.table: one.outcome for one in optimize_database(run, doors, limits)}
    assert done[PLANTED] == outcome
    [dead] = [
        one
        for one in api.get(DATABASE).json["findings"]
        if one["object"] == PLANTED and one["check"] == "dead_tuples"
    ]
    assert dead["done"] == outcome


def test_a_run_that_is_done_twice_is_one_and_old_ones_are_forgotten(api: Api) -> None:
    run, doors = opened(api)
    runs = OptimizationRuns(doors.engine)
    for _ in range(2):
        optimize_database(run, doors)
    later = clock.now() + timedelta(days=1)
    assert [one.at < later for one in runs.earlier(later, DEPLOYMENT)] == [True]
    assert runs.earlier(later, run.run_id) == [], "it is not compared with itself"
    assert runs.forget(clock.now() - timedelta(minutes=30)) == 0
    assert runs.forget(later) == 1
    assert runs.last() is None


def test_a_critical_finding_is_an_alert(api: Api) -> None:
    def alert() -> dict[str, Any]:
        alerts = api.get("/v1/ops/alerts").json["alerts"]
        found: dict[str, Any] = next(one for one in alerts if one["name"] == "database-findings")
        return found

    assert alert()["state"] == "unknown"
    bad = Finding(severity="critical", object="data.visits", figure=1, unit="count")
    ill = CheckSeen(check="partitions", unknown=None, figures={}, findings=[bad], measures={})
    seen = Look(at=clock.now(), server=18, since=None, commits=1, checks=[ill])
    OptimizationRuns(api.doors.engine).store(uuid4(), seen, [], clock.now())
    assert alert()["state"] == "firing"
