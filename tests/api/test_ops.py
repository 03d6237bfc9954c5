"""How the service fares, through the front: measured stages and figures of all workers."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.core.stopwatch import BUDGETS
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.api.limited import limited

pytestmark = pytest.mark.stack

REPORT = f"/v1/tenants/{TENANT}/reports/users"


def kept(api: Api, path: str, **query: object) -> Any:
    """Keep what the worker has counted, and ask how the service fares."""
    api.doors.samples().flush()
    answer = api.send("GET", f"/v1/ops/{path}", query)
    assert answer.status == 200, answer.json
    return answer.json


def by(name: str, entries: list[dict[str, Any]]) -> Mapping[Any, dict[str, Any]]:
    return {entry[name]: entry for entry in entries}


def test_a_request_is_measured_stage_by_stage(people: Api) -> None:
    for _ in range(3):
        assert people.get(REPORT).status == 200
    found = kept(people, "stages")
    route = by("function", found["routes"])["http_report"]
    assert (route["method"], route["path"]) == ("GET", "v1/tenants/{tenant}/reports/{key}")
    stages = by("stage", route["stages"])
    for stage, budget in BUDGETS.items():
        one = stages[stage]
        assert (one["requests"], one["budgetMs"]) == (3, budget)
        assert 0 <= one["breaches"] <= 3
        assert 0 < one["p50Ms"] <= one["p95Ms"] <= one["p99Ms"] <= one["maxMs"]
    parts = sum(stages[name]["meanMs"] for name in stages if name != "whole")
    assert 0 < parts <= stages["whole"]["meanMs"]
    assert stages["waiting"]["breaches"] is None


def test_the_slowest_are_named_by_number_and_route(people: Api) -> None:
    own = "99999999-9999-4999-8999-999999999999"
    people.get(REPORT, headers={"x-request-id": own}, filter="displayName eq 'Name 01'")
    people.get(REPORT, headers={"x-request-id": "taro.yamada"})
    found = kept(people, "stages")
    assert {one["requestId"] for one in found["slowest"]} == {own, None}
    assert {one["path"] for one in found["slowest"]} == {"v1/tenants/{tenant}/reports/{key}"}
    spent = found["slowest"][0]["spentMs"]
    assert spent["whole"] >= spent["database"] > 0
    assert "yamada" not in str(found)
    assert str(TENANT) not in str(found)


def test_what_became_of_requests_is_counted_by_route(people: Api, make_key: KeyMaker) -> None:
    narrow = people.as_caller(x_api_key=make_key("report:read", tenants=[OTHER]))
    for status, who, path in (
        (200, people, REPORT),
        (200, people, "/v1/tenants"),
        (403, narrow, REPORT),
        (400, people, REPORT),
    ):
        query = {"nonsense": "1"} if status == 400 else {}
        assert who.send("GET", path, query).status == status
    people.get(REPORT, format="csv")
    found = kept(people, "metrics/performance")
    total = found["total"]
    assert total["statuses"] == {"200": 3, "400": 1, "403": 1}
    assert (total["requests"], total["answered"], total["refused"], total["failed"]) == (5, 3, 2, 0)
    assert total["failedPercent"] == 0
    routes = {(one["function"], one["exports"]): one for one in found["routes"]}
    assert routes["http_report", True]["requests"] == 1
    assert routes["http_report", False]["statuses"] == {"200": 1, "400": 1, "403": 1}
    assert routes["http_report", True]["whole"]["breaches"] == 0, "a file has no budget"


def test_counts_of_workers_add_up_and_say_how_far_they_can_be_relied_on(api: Api) -> None:
    for number in (1, 2):
        worker = limited(api, "")
        for _ in range(number):
            worker.get("/v1/tenants")
        worker.doors.samples().flush()
    found = api.get("/v1/ops/metrics/performance").json
    assert found["total"]["requests"] == 3
    counted = found["counted"]
    assert (counted["workers"], counted["lostRequests"], counted["unkeptSeconds"]) == (2, 0, 30)
    assert counted["askedSince"] < counted["since"] < counted["until"]
    assert counted["ageSeconds"] >= 0
    assert "30 s" in counted["detail"]
    assert "30 秒" in api.get("/v1/ops/stages", lang="ja").json["counted"]["detail"]


def test_of_nothing_nothing_is_known(api: Api) -> None:
    found = api.get("/v1/ops/stages").json
    counted = found["counted"]
    assert (counted["since"], counted["until"], counted["ageSeconds"]) == (None, None, None)
    whole = by("stage", found["stages"])["whole"]
    assert (whole["p50Ms"], whole["meanMs"], whole["breachedPercent"]) == (None, None, None)
    total = api.get("/v1/ops/metrics/performance").json["total"]
    assert (total["perSecond"], total["failedPercent"]) == (None, None)


def test_liveness_touches_nothing_and_is_not_counted(api: Api) -> None:
    for _ in range(3):
        assert api.get("/health/live").status == 200
    api.doors.samples().flush()
    assert kept(api, "metrics/performance")["counted"]["until"] is None


def test_a_period_is_one_of_a_few(api: Api) -> None:
    for period in ("PT15M", "P30D"):
        assert api.get("/v1/ops/stages", period=period).status == 200
    refused = api.get("/v1/ops/stages", period="P2D").json
    assert (refused["code"], refused["parameter"]) == ("value_not_allowed", "period")
