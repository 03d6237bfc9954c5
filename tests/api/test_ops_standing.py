"""How the service fares, as far as it is stored: parts, alerts, work, and what was refused."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.coverage import State
from shared.core.work import DEPLOYMENT
from shared.store.registers.request_samples import RequestSamples
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from tests.api.conftest import OTHER, TENANT, Api
from tests.api.doors import Doors
from tests.api.limited import from_, limited
from tests.fixtures.seed import collect
from tests.fixtures.seen import batch, seen

pytestmark = pytest.mark.stack

MINUTE = timedelta(minutes=1)


def asked(api: Api, path: str, **query: object) -> Any:
    answer = api.send("GET", f"/v1/ops/{path}", query)
    assert answer.status == 200, answer.json
    return answer.json


def components(api: Api, **query: object) -> Mapping[str, dict[str, Any]]:
    return {one["name"]: one for one in asked(api, "health", **query)["components"]}


def alerts(api: Api, **query: object) -> Mapping[str, dict[str, Any]]:
    return {one["name"]: one for one in asked(api, "alerts", **query)["alerts"]}


def own_run(
    engine: Engine, kind: str, subject: str, state: State, cause: str | None, at: datetime
) -> None:
    """Have work of the deployment end so."""
    runs = Runs(engine)
    (claim,) = runs.request(DEPLOYMENT, [subject], at, kind=kind)
    run = runs.open(claim, at)
    assert isinstance(run, Run)
    runs.finish(run, state, now=at, cause=cause)


def test_of_what_never_ran_nothing_is_known(api: Api) -> None:
    found = asked(api, "health")
    by_name = {one["name"]: one for one in found["components"]}
    assert len(by_name) >= 6
    assert {name for name, one in by_name.items() if one["state"] == "ok"} == {
        "database",
        "sealing_keys",
        "dead_letters",
    }
    assert {one["state"] for one in by_name.values()} == {"ok", "unknown"}
    assert found["state"] == "unknown"
    for one in by_name.values():
        assert one["how"]
        assert one["title"]
        assert (one["at"] is None) == (one["ageSeconds"] is None) == (one["state"] == "unknown")


def test_what_went_well_is_ok_and_says_how_old_that_is(people: Api, app_engine: Engine) -> None:
    now = clock.now()
    own_run(app_engine, "anchor_audit", "heads", "ok", None, now - 5 * MINUTE)
    collect(app_engine, TENANT, "users", [], at=now - 20 * MINUTE)
    people.get("/v1/tenants")
    people.doors.samples().flush()
    found = asked(people, "health")
    states = {one["name"]: one["state"] for one in found["components"]}
    assert set(states.values()) == {"ok"}, states
    assert found["state"] == "ok"
    ages = {one["name"]: one["ageSeconds"] for one in found["components"]}
    assert 300 <= ages["storage"] == pytest.approx(ages["audit_log"])
    assert 1190 <= ages["graph"] == pytest.approx(ages["identity"])
    assert ages["database"] < 60


def test_what_goes_wrong_is_named_with_its_cause(api: Api, app_engine: Engine) -> None:
    now = clock.now()
    own_run(app_engine, "anchor_audit", "heads", "failed", "storage_unavailable", now - MINUTE)
    for dataset, cause in (("users", "graph_unavailable"), ("domains", "entra_unreachable")):
        collect(app_engine, TENANT, dataset, [], state="failed", cause=cause, at=now - MINUTE)
    DeadLetters(app_engine).add("collect", "{}", "message_malformed", None, "m1")
    found = components(api)
    wrong = {name: (one["state"], one["cause"]) for name, one in found.items() if one["cause"]}
    assert wrong == {
        "storage": ("failing", "storage_unavailable"),
        "audit_log": ("failing", "storage_unavailable"),
        "graph": ("failing", "graph_unavailable"),
        "identity": ("failing", "entra_unreachable"),
        "dead_letters": ("degraded", "message_malformed"),
    }
    assert asked(api, "health")["state"] == "failing"
    collect(app_engine, OTHER, "users", [])
    found = components(api)
    assert [found[name]["state"] for name in ("graph", "identity")] == ["degraded"] * 2


def test_keys_that_do_not_open_what_is_sealed_are_found(api: Api) -> None:
    assert components(api)["sealing_keys"]["state"] == "ok"
    other = replace(api.doors.settings(), sealing_keys=f"other:{'x' * 32}")
    mixed = replace(api, doors=Doors(api.doors.engine, other))
    one = components(mixed)["sealing_keys"]
    assert (one["state"], one["cause"]) == ("failing", "sealed_key_unknown")


def test_what_is_silent_is_found(api: Api, app_engine: Engine) -> None:
    long_ago = clock.now() - timedelta(hours=5)
    own_run(app_engine, "anchor_audit", "heads", "ok", None, long_ago)
    collect(app_engine, TENANT, "users", [], at=long_ago)
    found = components(api)
    assert found["queues"]["cause"] == "queues_silent"
    assert found["schedules"]["cause"] == "schedule_silent"
    assert found["audit_log"]["cause"] == "anchors_late"
    assert {found[name]["state"] for name in ("graph", "identity", "storage")} == {"unknown"}
    assert "timer_dispatch" in found["schedules"]["detail"]
    assert "スケジュール" in components(api, lang="ja")["schedules"]["detail"]
    (firing,) = alerts(api)["no-heartbeat"]["firings"]
    assert datetime.fromisoformat(firing["since"]) == long_ago
    assert firing["value"] >= 5 * 3600


def test_nothing_fires_where_nothing_is_wrong_and_what_nothing_tells_of_is_unknown(
    api: Api,
) -> None:
    found = asked(api, "alerts")
    assert found["firing"] == 0
    unknown = {one["name"] for one in found["alerts"] if one["state"] == "unknown"}
    assert len(unknown) == found["unknown"]
    assert unknown == {
        "database-findings",
        "failed-functions",
        "http-server-errors",
        "no-heartbeat",
        "slow-answers",
        "stage-budgets",
    }


def test_what_is_stored_fires_with_its_subject_runbook_and_since_when(
    api: Api, app_engine: Engine
) -> None:
    now = clock.now()
    DeadLetters(app_engine).add("collect", "{}", "message_malformed", None, "m1")
    for minutes in (50, 35, 20):
        at = now - minutes * MINUTE
        own_run(app_engine, "anchor_audit", "heads", "ok", None, at - 5 * MINUTE)
        own_run(app_engine, "anchor_audit", "heads", "partial", "audit_chain_cut", at)
    own_run(app_engine, "anchor_audit", "heads", "failed", "storage_missing", now - 5 * MINUTE)
    for at in (now - 3 * MINUTE, now - MINUTE):
        collect(app_engine, TENANT, "users", [], state="not_permitted", cause="x", at=at)
    found = alerts(api)
    firing = {name: one for name, one in found.items() if one["state"] == "firing"}
    assert set(firing) == {"poison-messages", "audit-unverified", "permission-lost"}
    assert list(found)[:3] == ["audit-unverified", "permission-lost", "poison-messages"]
    for name, one in firing.items():
        assert one["runbook"] == f"docs/runbooks/{name}.md"
        assert one["count"] == len(one["firings"]) == 1
    subjects = {name: one["firings"][0]["subject"] for name, one in firing.items()}
    assert subjects == {
        "poison-messages": {"queue": "collect", "cause": "message_malformed"},
        "audit-unverified": {"cause": "storage_missing"},
        "permission-lost": {"tenantId": str(TENANT), "dataset": "users"},
    }
    since = {
        name: datetime.fromisoformat(one["firings"][0]["since"]) for name, one in firing.items()
    }
    assert since["audit-unverified"] == now - 20 * MINUTE, "the last good one was before"
    assert now - 3 * MINUTE <= since["permission-lost"] < now - 2 * MINUTE


def test_late_datasets_and_collections_that_fail_fire(api: Api, app_engine: Engine) -> None:
    now = clock.now()
    collect(app_engine, TENANT, "users", [], at=now - timedelta(days=30))
    for number in range(10):
        state: State = "failed" if number < 3 else "ok"
        at = now - (10 - number) * MINUTE
        collect(app_engine, OTHER, "domains", [], state=state, cause="graph_refused", at=at)
    found = alerts(api)
    late = {
        (one["subject"]["tenantId"], one["subject"]["dataset"])
        for one in found["dataset-overdue"]["firings"]
    }
    assert late == {(str(TENANT), "users")}
    (bad,) = found["failed-runs"]["firings"]
    assert bad["value"] == 30


def test_what_was_measured_fires_since_it_began(api: Api, app_engine: Engine) -> None:
    now, rows = clock.now(), RequestSamples(app_engine)
    bad = [seen(now, status=500, ms=150) for _ in range(20)]
    good = [seen(now) for _ in range(20)]
    for minutes, requests in ((55, good), (40, bad), (25, bad + good), (10, bad), (2, good)):
        rows.keep(batch(now - minutes * MINUTE, *requests))
    found = alerts(api)
    firing = {name: one["firings"] for name, one in found.items() if one["firings"]}
    assert set(firing) == {"failed-functions", "http-server-errors", "stage-budgets"}
    for (one,) in firing.values():
        assert datetime.fromisoformat(one["since"]) == now - 40 * MINUTE
    assert firing["failed-functions"][0]["subject"] == {"function": "http_report"}
    assert firing["stage-budgets"][0] == {
        "subject": {"stage": "whole", "budgetMs": "100"},
        "since": firing["stage-budgets"][0]["since"],
        "value": 50,
    }


def test_answers_are_slow_when_they_were_twice(api: Api, app_engine: Engine) -> None:
    now, rows = clock.now(), RequestSamples(app_engine)
    slow = [seen(now, ms=6000) for _ in range(20)]
    rows.keep(batch(now - 5 * MINUTE, *slow))
    assert alerts(api)["slow-answers"]["state"] == "quiet"
    rows.keep(batch(now - 20 * MINUTE, *slow))
    (one,) = alerts(api)["slow-answers"]["firings"]
    assert (one["subject"], one["value"]) == ({"function": "http_report"}, 6000)


def test_what_was_refused_is_counted_by_code_and_who_is_shut_out(api: Api) -> None:
    worker = limited(api, "failed_sign_ins.address=2")
    stranger = worker.as_caller(x_api_key="kanri_test_wrong", x_forwarded_for="203.0.113.7")
    assert [stranger.get("/v1/tenants").status for _ in range(3)] == [401, 429, 429]
    assert worker.get("/v1/tenants", nonsense="1").status == 400
    worker.doors.samples().flush()
    found = asked(api, "metrics/security")
    assert found["failedSignIns"] == {"key_invalid": 1}
    assert found["toldToWait"] == {"sign_ins_blocked": 2}
    assert found["malformed"] == {"parameter_unknown": 1}
    assert (found["forbidden"], found["failed"]) == ({}, {})
    (blocked,) = found["blocked"]
    assert (blocked["counted"], blocked["count"]) == ("address", 1)
    assert found["auditLog"]["state"] == "unknown"
    assert "203.0.113.7" not in str(found)
    (firing,) = alerts(api)["sign-ins-blocked"]["firings"]
    assert firing["subject"] == {"counted": "address"}
    assert abs(datetime.fromisoformat(firing["since"]) - clock.now()) < timedelta(minutes=10)
    assert api.get("/v1/tenants", headers=from_("203.0.113.8")).status == 200


def test_work_is_counted_by_kind_and_state(api: Api, app_engine: Engine) -> None:
    now = clock.now()
    own_run(app_engine, "maintain", "partitions", "ok", None, now - 5 * MINUTE)
    own_run(app_engine, "maintain", "partitions", "ok", None, now - timedelta(hours=3))
    collect(app_engine, TENANT, "users", [], at=now - 2 * MINUTE)
    collect(app_engine, TENANT, "domains", [], state="failed", cause="graph_refused", at=now)
    Runs(app_engine).request(TENANT, ["groups"], now)
    found = asked(api, "metrics/monitoring")
    runs = {one["kind"]: one for one in found["runs"]}
    assert runs["maintain"]["ended"] == {"ok": 1}
    assert runs["collect"]["ended"] == {"failed": 1, "ok": 1}
    assert runs["merge_samples"] == {"kind": "merge_samples", "ended": {}, "newestAt": None}
    assert found["underWay"] == [{"kind": "collect", "phase": "pending", "count": 1, "overdue": 0}]
    assert {(one["state"], one["cause"], one["count"]) for one in found["datasets"]} == {
        ("ok", None, 1),
        ("failed", "graph_refused", 1),
    }
    assert datetime.fromisoformat(found["claimedAt"]) <= now
    longer = asked(api, "metrics/monitoring", period="P1D")
    assert {one["kind"]: one["ended"] for one in longer["runs"]}["maintain"] == {"ok": 2}
