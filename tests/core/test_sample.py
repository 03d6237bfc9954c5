"""Counts of requests: what is kept of one, and that they add up."""

import json
from copy import replace
from datetime import UTC, datetime

from shared.core.sample import SLOWEST, Sample, Seen

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ONE = Seen(
    route="http_report",
    exports=False,
    request_id="11111111-1111-4111-8111-111111111111",
    at=NOW,
    status=200,
    code=None,
    spent={"whole": 120.0, "database": 12.0},
)


def sample(*seen: Seen) -> Sample:
    found = Sample()
    for one in seen:
        found.add(one)
    return found


def test_a_request_is_counted_by_route_status_stage_and_code() -> None:
    found = sample(ONE, replace(ONE, status=404, code="tenant_unknown", spent={"whole": 3.0}))
    route = found.routes["http_report", False]
    assert dict(route.statuses) == {200: 1, 404: 1}
    assert (route.stages["whole"].count, route.stages["whole"].over) == (2, 1)
    assert (route.stages["database"].count, route.stages["database"].over) == (1, 0)
    assert (dict(found.refused), found.requests) == ({"404 tenant_unknown": 1}, 2)


def test_a_file_has_no_budget_and_is_none_of_the_slowest() -> None:
    found = sample(replace(ONE, exports=True, spent={"whole": 9000.0}))
    assert found.routes["http_report", True].stages["whole"].over == 0
    assert found.slowest == []


def test_who_is_told_to_wait_is_counted_and_not_timed() -> None:
    found = sample(replace(ONE, status=429, code="rate_limited"))
    assert dict(found.routes["http_report", False].statuses) == {429: 1}
    assert (found.routes["http_report", False].stages, found.slowest) == ({}, [])


def test_the_slowest_are_kept_whatever_they_are_added_to() -> None:
    many = [replace(ONE, spent={"whole": float(ms)}) for ms in range(50)]
    odd, even = sample(*many[1::2]), sample(*many[::2])
    odd.merge(even)
    slowest = [one.spent["whole"] for one in odd.slowest]
    assert slowest == [float(49 - place) for place in range(SLOWEST)]


def test_a_name_that_a_caller_gave_his_request_is_not_kept() -> None:
    found = sample(replace(ONE, request_id="taro.yamada"), ONE)
    assert {one.request_id for one in found.slowest} == {None, ONE.request_id}
    assert "yamada" not in json.dumps(found.told())


def test_what_is_told_is_read_again() -> None:
    found = sample(ONE, replace(ONE, status=500, code="internal", exports=True))
    found.lost = 3
    again = Sample.read(json.loads(json.dumps(found.told())))
    assert again.told() == found.told()
    again.merge(found)
    assert (again.requests, again.lost) == (4, 6)
