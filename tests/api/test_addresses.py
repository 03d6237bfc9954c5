"""Where callers may come from: lists of the deployment, of a tenant; who mends them; what is told."""

import json
from copy import replace
from datetime import timedelta

import pytest

from shared.core import clock
from shared.core.work import DEPLOYMENT
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.api.doors import Doors
from tests.api.limited import found
from tests.fixtures.audited import chain_of

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}"
LISTS = f"{PATH}/addresses"
INSIDE, OUTSIDE = {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "198.51.100.1"}


def change(api: Api, headers: dict[str, str], **lists: object) -> Answer:
    seen = {"if-match": "*", **headers}
    return api.send("PATCH", LISTS, {}, json.dumps(lists).encode(), headers=seen)


def deployed(api: Api, allowed: tuple[str, ...] = (), denied: tuple[str, ...] = ()) -> Api:
    settings = replace(
        api.doors.settings(), trusted_proxies=1, allowed_ranges=allowed, denied_ranges=denied
    )
    return replace(api, doors=Doors(api.doors.engine, settings))


def test_a_deployment_lets_in_whom_it_allows_and_tells_whom_it_did_not(api: Api) -> None:
    ours = deployed(api, allowed=("203.0.113.0/24", "2001:db8::/32"))
    assert ours.get(PATH, headers=INSIDE).status == 200
    assert ours.get(PATH, headers={"x-forwarded-for": "[2001:db8::7]:443"}).status == 200
    for elsewhere in (OUTSIDE, {}, {"x-forwarded-for": "203.0.113.9, 198.51.100.1"}):
        assert found(ours.get(PATH, headers=elsewhere)) == (403, "address_not_allowed")
    for probe in ("/health/live", "/health/ready"):
        assert ours.get(probe, headers=OUTSIDE).status == 200, "they say nothing but how we are"
    stranger = ours.as_caller(x_api_key="kanri_test_wrong")
    assert found(stranger.get(PATH, headers=OUTSIDE)) == (403, "address_not_allowed"), "unasked"
    told = [event for event in chain_of(api.doors.engine, DEPLOYMENT) if event.result != "done"]
    assert {(event.result, event.caller) for event in told} == {
        ("address_not_allowed", "anonymous")
    }
    assert {event.address for event in told} == {"198.51.100.1", None}


def test_whom_a_deployment_denies_does_not_come_in_by_what_it_allows(api: Api) -> None:
    ours = deployed(api, allowed=("203.0.113.0/24",), denied=("203.0.113.0/28",))
    assert found(ours.get(PATH, headers=INSIDE)) == (403, "address_not_allowed")
    assert ours.get(PATH, headers={"x-forwarded-for": "203.0.113.99"}).status == 200
    only_denied = deployed(api, denied=("203.0.113.0/28",))
    assert found(only_denied.get(PATH, headers=INSIDE)) == (403, "address_not_allowed")
    assert only_denied.get(PATH, headers=OUTSIDE).status == 200


def test_a_tenant_says_where_callers_may_ask_about_it_from(behind: Api, make_key: KeyMaker) -> None:
    own = behind.as_caller(
        x_api_key=make_key("tenant:read", "tenant:write", "report:read", tenants=[TENANT, OTHER])
    )
    assert own.get(LISTS).json == {"allowed": [], "denied": []}
    answer = change(own, INSIDE, allowed=["203.0.113.0/24"], denied=["203.0.113.128/25"])
    assert answer.json == {"allowed": ["203.0.113.0/24"], "denied": ["203.0.113.128/25"]}
    assert own.get(PATH, headers=INSIDE).status == 200
    for elsewhere in (OUTSIDE, {}, {"x-forwarded-for": "203.0.113.200"}):
        for path in (PATH, LISTS, f"{PATH}/reports/users"):
            assert found(own.get(path, headers=elsewhere)) == (403, "address_not_allowed")
    assert own.get(f"/v1/tenants/{OTHER}", headers=OUTSIDE).status == 200
    changed, *refused = chain_of(behind.doors.engine, TENANT)
    assert (changed.act, changed.after) == (
        "addresses.restrict",
        '{"allowed":["203.0.113.0/24"],"denied":["203.0.113.128/25"]}',
    )
    assert {(event.result, event.target) for event in refused} >= {("address_not_allowed", None)}
    assert change(own, INSIDE, allowed=[], denied=[]).json == {"allowed": [], "denied": []}
    assert own.get(PATH, headers=OUTSIDE).status == 200


def test_what_is_left_out_stays(behind: Api) -> None:
    change(behind, INSIDE, allowed=["203.0.113.0/24"], denied=["198.51.100.0/24"])
    assert change(behind, INSIDE, allowed=None).json["allowed"] == ["203.0.113.0/24"]
    left = change(behind, INSIDE, allowed=[]).json
    assert left == {"allowed": [], "denied": ["198.51.100.0/24"]}


@pytest.mark.parametrize("wrong", ["203.0.113.7/24", "x", "203.0.113.0/33", ""])
def test_what_is_no_range_is_refused_by_name(behind: Api, wrong: str) -> None:
    answer = change(behind, INSIDE, denied=["198.51.100.0/24", wrong])
    assert (found(answer), answer.json["parameter"]) == ((400, "range_malformed"), "denied")
    assert behind.get(LISTS).json == {"allowed": [], "denied": []}


def test_nobody_shuts_himself_out(behind: Api, make_key: KeyMaker) -> None:
    own = behind.as_caller(x_api_key=make_key("tenant:read", "tenant:write", tenants=[TENANT]))
    for lists in ({"allowed": ["198.51.100.0/24"]}, {"denied": ["203.0.113.0/24"]}):
        answer = change(own, INSIDE, **lists)
        assert found(answer) == (400, "ranges_shut_out")
        assert answer.json["parameter"] in lists
    assert own.get(LISTS, headers=INSIDE).json == {"allowed": [], "denied": []}


def test_the_operator_of_all_mends_lists_and_removes_a_tenant_from_anywhere(
    behind: Api, make_key: KeyMaker
) -> None:
    operator = behind.as_caller(x_api_key=make_key())
    assert change(operator, OUTSIDE, allowed=["203.0.113.0/24"]).status == 200
    assert found(operator.get(PATH, headers=OUTSIDE)) == (403, "address_not_allowed")
    assert operator.get(LISTS, headers=OUTSIDE).json["allowed"] == ["203.0.113.0/24"]
    assert change(operator, OUTSIDE, denied=["192.0.2.0/24"]).status == 200
    assert operator.send("DELETE", PATH, {}, headers=OUTSIDE).status == 204


def test_who_may_not_see_a_tenant_learns_nothing_of_its_lists(
    behind: Api, make_key: KeyMaker
) -> None:
    change(behind, INSIDE, allowed=["203.0.113.0/24"])
    stranger = behind.as_caller(x_api_key=make_key("tenant:read", tenants=[OTHER]))
    assert found(stranger.get(PATH, headers=OUTSIDE)) == (403, "tenant_forbidden")


def test_from_elsewhere_a_tenant_is_not_reached_by_a_path_that_names_none_either(
    behind: Api, make_key: KeyMaker
) -> None:
    permissions = ("collection:run", "job:read", "job:cancel", "key:write", "tenant:read")
    rights = ("membership:read", "membership:write", "approval:read", "approval:decide")
    own = behind.as_caller(x_api_key=make_key(*permissions, *rights, tenants=[TENANT, OTHER]))
    jobs = {}
    for tenant in (TENANT, OTHER):
        asked = own.post(f"/v1/tenants/{tenant}/collections", {"datasets": ["users"]}, INSIDE)
        jobs[tenant] = f"/v1/jobs/{asked.json['jobId']}"
    assert change(behind, INSIDE, allowed=["203.0.113.0/24"]).status == 200
    for headers, seen in ((INSIDE, {str(TENANT), str(OTHER)}), (OUTSIDE, {str(OTHER)})):
        for path, name in (("/v1/tenants", "tenants"), ("/v1/jobs", "jobs")):
            listed = own.get(path, headers=headers).json[name]
            assert {one["tenantId"] for one in listed} == seen, path
    assert found(own.get(jobs[TENANT], OUTSIDE)) == (404, "job_unknown")
    assert found(own.post(f"{jobs[TENANT]}/cancel", headers=OUTSIDE)) == (404, "job_unknown")
    assert own.get(jobs[OTHER], OUTSIDE).status == own.get(jobs[TENANT], INSIDE).status == 200
    ends = (clock.now() + timedelta(minutes=30)).isoformat()
    key = {"name": "own", "permissions": ["job:read"], "expiresAt": ends}
    role = {"subjectKind": "user", "subjectId": str(OTHER), "role": "masked_reader"}
    where = {"scope": "tenant", "tenantId": str(TENANT), "directory": str(TENANT)}
    for path, body in (
        ("/v1/keys", {**key, "tenantIds": [str(TENANT)]}),
        ("/v1/memberships", {**role, **where, "expiresAt": ends}),
    ):
        assert found(own.post(path, body, OUTSIDE)) == (403, "address_not_allowed"), path
    assert own.post("/v1/keys", {**key, "tenantIds": [str(OTHER)]}, OUTSIDE).status == 201


def test_lists_that_are_others_than_seen_are_not_set_over(api: Api) -> None:
    missing = api.send("PATCH", LISTS, {}, b'{"denied": ["198.51.100.0/24"]}')
    assert (missing.status, missing.json["code"]) == (428, "if_match_missing")
    seen = {"if-match": api.get(LISTS).headers["ETag"]}
    first = change(api, seen, denied=["198.51.100.0/24"])
    assert first.headers["ETag"] == api.get(LISTS).headers["ETag"] != seen["if-match"]
    stale = change(api, seen, denied=["203.0.113.0/24"])
    assert (stale.status, stale.json["code"]) == (412, "changed_meanwhile")
    assert api.get(LISTS).json["denied"] == ["198.51.100.0/24"]
