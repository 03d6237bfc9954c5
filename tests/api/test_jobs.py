"""What takes longer than an answer is a job: followed, listed and cancelled, by whoever may."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.core import clock
from shared.core.errors import Superseded
from shared.core.messages import Claim, parse_claim
from shared.core.registry import of
from shared.core.work import DEPLOYMENT, WORKS
from shared.store.registers.tenants import Tenants
from shared.store.work.jobs import Jobs
from shared.store.work.run_records import Counts, Run
from shared.store.work.runs import Runs
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import receive
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker, purge, work_off
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

COLLECT = f"/v1/tenants/{TENANT}/collections"
NOBODY = "99999999-9999-9999-9999-999999999999"


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def start(api: Api, *datasets: str) -> tuple[str, dict[str, Claim]]:
    """Collect now; return the job's id and its messages by dataset."""
    answer = api.post(COLLECT, {"datasets": datasets})
    assert answer.status == 202, answer.json
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json['jobId']}"
    claims = map(parse_claim, answer.messages)
    return answer.json["jobId"], {claim.subject: claim for claim in claims}


def opened(engine: Engine, claim: Claim) -> Run:
    run = Runs(engine).open(claim, clock.now())
    assert isinstance(run, Run)
    return run


def test_a_job_is_followed_from_asking_to_its_end(api: Api) -> None:
    engine, runs = api.doors.engine, Runs(api.doors.engine)
    job, claims = start(api, "domains", "users")
    path = f"/v1/jobs/{job}"
    found = api.get(path).json
    assert (found["state"], found["tenantId"], found["finishedAt"]) == (
        "waiting",
        str(TENANT),
        None,
    )
    assert (found["act"], found["problem"]) == ("collection.start", None)
    assert found["progress"]["runs"] == 2
    assert found["askedBy"] == api.get("/v1/me").json["name"]
    run = opened(engine, claims["users"])
    assert api.get(path).json["state"] == "running"
    runs.finish(run, "ok", now=clock.now())
    found = api.get(path).json
    assert (found["state"], found["progress"]["ended"]) == ("running", 1)
    assert [(one["subject"], one["state"]) for one in found["result"]] == [
        ("domains", "waiting"),
        ("users", "ok"),
    ]
    runs.finish(opened(engine, claims["domains"]), "ok", now=clock.now())
    found = api.get(path).json
    assert (found["state"], found["progress"]["ended"], found["problem"]) == ("succeeded", 2, None)
    assert found["finishedAt"] is not None


def test_what_a_job_counts_is_its_own_and_not_the_run_before(api: Api) -> None:
    collect(api.doors.engine, TENANT, "users", [{"id": "a"}, {"id": "b"}])
    job, claims = start(api, "users")
    assert api.get(f"/v1/jobs/{job}").json["progress"]["counts"]["read"] == 0
    api.post(f"/v1/jobs/{job}/cancel")
    [row, _] = Runs(api.doors.engine).ledger(TENANT, "users")
    assert (row.run_id, row.counts) == (claims["users"].run_id, Counts())


def test_a_job_that_did_not_all_that_was_asked_says_why(api: Api) -> None:
    engine, runs = api.doors.engine, Runs(api.doors.engine)
    job, claims = start(api, "domains", "users")
    for dataset, state in (("domains", "failed"), ("users", "ok")):
        cause = "graph_refused" if state == "failed" else None
        run = opened(engine, claims[dataset])
        runs.finish(run, state, now=clock.now(), cause=cause, detail="no")  # type: ignore[arg-type]
    found = api.get(f"/v1/jobs/{job}").json
    assert found["state"] == "partial"
    assert found["problem"] == {"subject": "domains", "code": "graph_refused", "detail": "no"}
    job, claims = start(api, "domains")
    runs.finish(opened(engine, claims["domains"]), "not_licensed", now=clock.now())
    found = api.get(f"/v1/jobs/{job}").json
    assert (found["state"], found["problem"]["code"]) == ("failed", "not_licensed")


def test_a_cancelled_run_writes_no_more_and_the_next_one_begins_anew(api: Api) -> None:
    engine, runs = api.doors.engine, Runs(api.doors.engine)
    job, claims = start(api, "domains", "users", "groups")
    running = opened(engine, claims["users"])
    runs.finish(opened(engine, claims["groups"]), "ok", now=clock.now())
    cancelled = api.post(f"/v1/jobs/{job}/cancel")
    assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
    states = {one["subject"]: (one["state"], one["cause"]) for one in cancelled.json["result"]}
    over = ("failed", "run_cancelled")
    assert states == {"domains": over, "users": over, "groups": ("ok", None)}
    with pytest.raises(Superseded):
        runs.finish(running, "ok", now=clock.now())
    for claim in claims.values():
        assert runs.open(claim, clock.now()) == "duplicate"
    assert api.post(f"/v1/jobs/{job}/cancel").json == cancelled.json
    told = [(one.act, one.result) for one in chain_of(engine, DEPLOYMENT)]
    assert told == [("job.cancel", "done")] * 2
    _, again = start(api, "users")
    runs.finish(opened(engine, again["users"]), "ok", now=clock.now())


def test_what_was_under_way_already_is_waited_for_and_not_cancelled(api: Api) -> None:
    engine = api.doors.engine
    first, claims = start(api, "users")
    second, none = start(api, "users", "domains")
    assert set(none) == {"domains"}
    found = api.get(f"/v1/jobs/{second}").json
    assert [(one["subject"], one["own"]) for one in found["result"]] == [
        ("domains", True),
        ("users", False),
    ]
    api.post(f"/v1/jobs/{second}/cancel")
    assert api.get(f"/v1/jobs/{second}").json["state"] == "cancelled"
    Runs(engine).finish(opened(engine, claims["users"]), "ok", now=clock.now())
    assert api.get(f"/v1/jobs/{first}").json["state"] == "succeeded"


def test_nobody_sees_the_jobs_of_another_tenant(api: Api, make_key: KeyMaker) -> None:
    own, _ = start(api, "users")
    other = api.post(f"/v1/tenants/{OTHER}/collections", {"datasets": ["users"]}).json["jobId"]
    purged = purge(api, OTHER).json["job"]["jobId"]
    narrow = api.as_caller(x_api_key=make_key("job:read", "job:cancel", tenants=[TENANT]))
    assert [one["jobId"] for one in narrow.get("/v1/jobs").json["jobs"]] == [own]
    assert narrow.get(f"/v1/jobs/{own}").status == 200
    for job in (other, purged, NOBODY):
        assert code(narrow.get(f"/v1/jobs/{job}")) == (404, "job_unknown")
        assert code(narrow.post(f"/v1/jobs/{job}/cancel")) == (404, "job_unknown")
    reader = api.as_caller(x_api_key=make_key("job:read"))
    assert code(reader.post(f"/v1/jobs/{own}/cancel")) == (403, "permission_missing")


def test_jobs_are_listed_page_by_page_newest_first(api: Api) -> None:
    jobs = [start(api, "users")[0] for _ in range(5)]
    first = api.get("/v1/jobs", top=3).json
    rest = api.get("/v1/jobs", top=3, cursor=first["cursor"]).json
    assert [one["jobId"] for one in first["jobs"] + rest["jobs"]] == jobs[::-1]
    assert rest["cursor"] is None


def test_a_tenant_is_purged_by_a_job(api: Api) -> None:
    collect(api.doors.engine, TENANT, "users", [{"id": "u"}])
    answer = api.delete(f"/v1/tenants/{TENANT}", purge="true")
    asked = answer.json["job"]
    assert (answer.status, asked["state"], asked["act"]) == (202, "waiting", "tenant.purge")
    again = api.delete(f"/v1/tenants/{TENANT}", purge="true")
    assert (again.status, again.messages) == (202, ()), "the first one is waited for"
    work_off(api.doors, answer)
    for job in (answer, again):
        assert api.get(job.headers["Location"].removeprefix("/api")).json["state"] == "succeeded"
    Tenants(api.doors.engine).add(TENANT, "Contoso")
    assert api.get(f"/v1/tenants/{TENANT}/reports/users").json["rowCount"] == 0


def test_a_tenant_that_is_connected_again_is_not_purged(api: Api) -> None:
    collect(api.doors.engine, TENANT, "users", [{"id": "u"}])
    answer = api.delete(f"/v1/tenants/{TENANT}", purge="true")
    Tenants(api.doors.engine).add(TENANT, "Contoso")
    work_off(api.doors, answer)
    found = api.get(f"/v1/jobs/{answer.json['job']['jobId']}").json
    assert (found["state"], found["problem"]["code"]) == ("failed", "tenant_not_removed")
    assert api.get(f"/v1/tenants/{TENANT}/reports/users").json["rowCount"] == 1


def test_a_purge_whose_message_got_lost_is_sent_again_and_one_that_is_slow_goes_on(
    api: Api,
) -> None:
    engine = api.doors.engine
    collect(engine, TENANT, "users", [{"id": "u"}])
    job = api.delete(f"/v1/tenants/{TENANT}", purge="true").json["job"]["jobId"]
    works = [work for work in of(WORKS).values() if work.kind == "purge_tenant"]
    runs, later = Runs(engine), clock.now() + timedelta(minutes=16)
    assert runs.claim_due(clock.now(), works) == []
    [claim] = runs.claim_due(later, works)
    hasty = WorkDoors(engine=engine, graph=api.doors.fresh_graph, slice_seconds=0)
    [following] = asyncio.run(receive(claim.model_dump_json().encode(), "m1", hasty, "collect"))
    assert following.message.part == 1
    assert api.get(f"/v1/jobs/{job}").json["state"] == "waiting"
    patient = WorkDoors(engine=engine, graph=api.doors.fresh_graph, slice_seconds=60)
    body = following.message.model_dump_json().encode()
    assert asyncio.run(receive(body, "m2", patient, "collect")) == []
    assert api.get(f"/v1/jobs/{job}").json["state"] == "succeeded"


def test_a_tenant_is_not_removed_unless_its_purge_is_asked_for(
    api: Api, postgres_server: Postgres
) -> None:
    database = str(api.doors.engine.url.database)
    with psycopg.connect(postgres_server.url(database)) as owner:
        owner.execute("REVOKE INSERT ON kanri.jobs FROM kanri_app")
    assert api.delete(f"/v1/tenants/{TENANT}", purge="true").status == 500
    assert Tenants(api.doors.engine).get(TENANT).state == "active"


def test_jobs_are_forgotten_after_a_month_and_the_ledger_is_not(api: Api) -> None:
    engine = api.doors.engine
    job, claims = start(api, "users")
    Runs(engine).finish(opened(engine, claims["users"]), "ok", now=clock.now())
    assert Jobs(engine).forget(clock.now() - timedelta(minutes=1)) == 0
    assert Jobs(engine).forget(clock.now() + timedelta(minutes=1)) == 1
    assert code(api.get(f"/v1/jobs/{job}")) == (404, "job_unknown")
    assert len(Runs(engine).ledger(TENANT, "users")) == 1
