"""What the audit log is told of requests: every change, every refusal, every reading of personal data."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from shared.core import clock
from shared.core.audit import ChainedEvent
from shared.core.work import DEPLOYMENT
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker, purge
from tests.api.running_host import Host
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

NOBODY = "99999999-9999-9999-9999-999999999999"
SETTINGS = f"/v1/tenants/{TENANT}/settings"
FROM = {"x-forwarded-for": "10.9.9.9, 203.0.113.7:4000", "x-request-id": "r1", "if-match": "*"}


def of_tenant(api: Api) -> list[ChainedEvent]:
    return chain_of(api.doors.engine, TENANT)


def of_deployment(api: Api) -> list[ChainedEvent]:
    return chain_of(api.doors.engine, DEPLOYMENT)


def patch(api: Api, **thresholds: object) -> Answer:
    body = json.dumps({"thresholds": thresholds}).encode()
    return api.send("PATCH", SETTINGS, {}, body, headers=FROM)


def test_a_change_is_told_with_who_from_where_and_what_it_was_before(behind: Api) -> None:
    assert patch(behind, staleDays=30).status == 200
    assert patch(behind, staleDays=60, reviewDays=10).status == 200
    first, second = of_tenant(behind)
    key = behind.headers["x-api-key"]
    assert (first.act, first.result, first.times) == ("tenant.configure", "done", 1)
    assert (first.authority, first.address, first.request_id) == (
        "key operator",
        "203.0.113.7",
        "r1",
    )
    assert first.caller.startswith("key:")
    assert key not in repr(first)
    assert (first.before, first.after) == (None, '{"staleDays":30}')
    assert second.before == '{"staleDays":30}'
    assert second.after == '{"reviewDays":10,"staleDays":60}'


def test_through_the_host_a_change_is_told_too(host: Host) -> None:
    path = f"v1/tenants/{TENANT}/settings"
    status, headers, _ = host.send("PATCH", path, {"thresholds": {"staleDays": 33}}, if_match="*")
    assert status == 200
    [event] = [e for e in chain_of(host.engine, TENANT) if e.act == "tenant.configure"]
    assert (event.after, event.request_id) == ('{"staleDays":33}', headers["x-request-id"])
    assert event.address is None, "no proxy of ours is before the host, so nobody knows"


def test_the_states_of_a_tenant_are_told_in_its_own_chain(api: Api) -> None:
    for verb in ("pause", "resume"):
        assert api.post(f"/v1/tenants/{TENANT}/{verb}").status == 200
    job = purge(api, TENANT).json["job"]["jobId"]
    *told, (act, before, after) = [(one.act, one.before, one.after) for one in of_tenant(api)]
    assert (act, before) == ("tenant.remove", '{"state":"active"}')
    asked = {"job": job, "purge": True, "purge_tenant": [str(TENANT)], "state": "removed"}
    assert json.loads(after or "") == asked
    assert told == [
        ("tenant.pause", '{"state":"active"}', '{"pausedBy":"operator","state":"paused"}'),
        (
            "tenant.resume",
            '{"pausedBy":"operator","state":"paused"}',
            '{"state":"active"}',
        ),
    ]
    [began, ended] = of_deployment(api)
    assert (began.act, began.result, began.target) == ("tenant.purge", "begun", str(TENANT))
    assert (ended.act, ended.result, ended.target) == ("tenant.purge", "done", str(TENANT))


def test_collecting_now_is_told_with_what_is_collected(api: Api) -> None:
    path = f"/v1/tenants/{TENANT}/collections"
    jobs = [api.post(path, {"datasets": ["users", "domains"]}).json["jobId"] for _ in range(2)]
    first, second = (json.loads(event.after or "") for event in of_tenant(api))
    assert first == {"collect": ["domains", "users"], "job": jobs[0]}
    assert second == {"job": jobs[1]}, "nothing was left to start"


def test_a_key_is_told_without_its_text(api: Api) -> None:
    ends = (clock.now() + timedelta(minutes=30)).isoformat()
    body = {
        "name": "Power BI",
        "permissions": ["report:read"],
        "tenantIds": [str(TENANT)],
        "expiresAt": ends,
        "environment": "test",
    }
    made = api.post("/v1/keys", body)
    assert made.status == 201
    key_id = made.json["details"]["keyId"]
    assert api.delete(f"/v1/keys/{key_id}").status == 204
    created, revoked = of_deployment(api)
    assert (created.act, created.target) == ("key.create", f"key:{key_id}")
    told = json.loads(created.after or "")
    assert (told["permissions"], told["tenantIds"]) == (["report:read"], [str(TENANT)])
    assert (revoked.act, revoked.target) == ("key.revoke", f"key:{key_id}")
    for secret in (made.json["key"], "Power BI"):
        assert secret not in f"{created}{revoked}"


def test_what_is_given_to_whom_is_told(api: Api) -> None:
    given = {
        "subjectKind": "user",
        "subjectId": str(NOBODY),
        "directory": str(TENANT),
        "role": "mine",
        "scope": "tenant",
        "tenantId": str(TENANT),
        "expiresAt": (clock.now() + timedelta(minutes=30)).isoformat(),
    }
    assert (
        api.post("/v1/roles", {"role": "mine", "title": "M", "permissions": ["audit:read"]}).status
        == 201
    )
    tag = api.get("/v1/roles/mine").headers["ETag"]
    changed = {"permissions": ["report:read"]}
    answer = api.send(
        "PATCH", "/v1/roles/mine", {}, json.dumps(changed).encode(), headers={"if-match": tag}
    )
    assert answer.status == 200
    made = api.post("/v1/memberships", given)
    assert made.status == 201
    membership = made.json["membershipId"]
    assert api.delete(f"/v1/memberships/{membership}").status == 204
    tag = api.get("/v1/roles/mine").headers["ETag"]
    gone = api.send("DELETE", "/v1/roles/mine", {}, b"", headers={"if-match": tag})
    assert gone.status == 204
    told = [
        (one.act, one.target, json.loads(one.before or "{}"), json.loads(one.after or "{}"))
        for one in of_deployment(api)
    ]
    assert told[2][3].pop("expiresAt") == told[3][2].pop("expiresAt")
    first, second = {"permissions": ["audit:read"]}, {"permissions": ["report:read"]}
    who = {
        "subject": f"user:{NOBODY}",
        "directory": str(TENANT),
        "role": "mine",
        "tenantId": str(TENANT),
    }
    assert told == [
        ("role.create", "role:mine", {}, first),
        ("role.change", "role:mine", first, second),
        ("membership.create", f"membership:{membership}", {}, who),
        ("membership.delete", f"membership:{membership}", who, {}),
        ("role.delete", "role:mine", second, {}),
    ]


def test_tags_and_the_rotation_of_a_key_are_told(api: Api, make_key: KeyMaker) -> None:
    assert api.send("PATCH", f"/v1/tenants/{TENANT}", {}, b'{"addTags":["gold"]}').status == 200
    [tagged] = of_tenant(api)
    assert (tagged.before, tagged.after) == ('{"tags":[]}', '{"tags":["gold"]}')
    make_key("report:read")
    old = max(api.get("/v1/keys").json["keys"], key=lambda key: key["createdAt"])["keyId"]
    ends = (clock.now() + timedelta(minutes=30)).isoformat()
    made = api.post(f"/v1/keys/{old}/rotate", {"expiresAt": ends})
    assert made.status in (200, 201), made.json
    [rotated] = of_deployment(api)
    assert rotated.target == f"key:{made.json['details']['keyId']}"
    told = json.loads(rotated.after or "{}")
    assert (told["replaces"], told["permissions"]) == (old, ["report:read"])
    assert made.json["key"] not in str(rotated)


def test_a_change_that_comes_to_nothing_is_told_with_why(api: Api) -> None:
    assert patch(api, nowhere=1).status == 400
    assert api.delete(f"/v1/keys/{NOBODY}").status == 404
    [configure] = of_tenant(api)
    assert (configure.result, configure.after) == ("threshold_unknown", None)
    [revoke] = of_deployment(api)
    assert (revoke.act, revoke.result, revoke.target) == ("key.revoke", "key_unknown", NOBODY)


def test_who_is_refused_is_told_and_where_depends_on_what_he_may_see(
    behind: Api, make_key: KeyMaker
) -> None:
    reader = behind.as_caller(x_api_key=make_key("report:read", tenants=[TENANT]))
    assert reader.send("POST", f"/v1/tenants/{TENANT}/pause", {}).status == 403
    assert reader.get(f"/v1/tenants/{OTHER}/reports").status == 403
    assert reader.get(f"/v1/tenants/{NOBODY}/reports").status == 403
    stranger = behind.as_caller(x_api_key="kanri_test_wrong", **FROM)
    assert stranger.get("/v1/tenants").status == 401
    [own] = of_tenant(behind)
    assert (own.act, own.result) == ("tenant.pause", "permission_missing")
    assert own.authority == "key tenant"
    assert chain_of(behind.doors.engine, OTHER) == []
    others = [(one.act, one.result, one.target, one.address) for one in of_deployment(behind)]
    assert others == [
        ("http_reports", "tenant_forbidden", f"tenant:{OTHER}", None),
        ("http_reports", "tenant_forbidden", f"tenant:{NOBODY}", None),
        ("http_tenants", "key_invalid", None, "203.0.113.7"),
    ]


def test_a_flood_of_refusals_writes_little_and_counts_all(api: Api) -> None:
    stranger = api.as_caller(x_api_key="kanri_test_wrong")
    for number in range(300):
        path = f"/v1/tenants/{UUID(int=number % 100)}/reports"
        assert stranger.get(path).status == 401
    events = of_deployment(api)
    assert len(events) == 30
    assert {event.times for event in events} == {1}


def test_reading_personal_data_is_told_once_in_a_while_and_each_file_is(
    api: Api, make_key: KeyMaker
) -> None:
    collect(api.doors.engine, TENANT, "users", [{"id": "a", "display_name": "Ann"}])
    path = f"/v1/tenants/{TENANT}/reports/users"
    for _ in range(3):
        answer = api.get(path)
        assert answer.status == 200
    masked = api.as_caller(x_api_key=make_key("report:read"))
    assert masked.get(path).status == 200
    assert api.get(path, headers={"if-none-match": answer.headers["ETag"]}).status == 304
    for _ in range(2):
        assert api.get(path, format="csv").status == 200
    told = [(event.act, event.target, event.after) for event in of_tenant(api)]
    assert told == [
        ("report.read", "users", None),
        ("report.export", "users", '{"rows":1}'),
        ("report.export", "users", '{"rows":1}'),
    ]
