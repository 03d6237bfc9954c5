"""API keys in one environment, from some addresses, rotated with an overlap, and gone on every host."""

import json
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic
from urllib.error import HTTPError
from uuid import UUID

import pytest

from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT
from shared.store.registers.api_keys import ApiKeys
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.api.running_host import Host, running_host
from tests.fixtures.audited import chain_of

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}"


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def body(**more: object) -> dict[str, object]:
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    return {"name": "k", "permissions": ["tenant:read"], "expiresAt": until, **more}


def test_a_key_of_the_other_environment_is_refused_by_name(api: Api) -> None:
    plain, _ = ApiKeys(api.doors.engine).create(
        "k", environment="live", permissions=["tenant:read"], tenant_ids=None, expires_at=None
    )
    refused = api.as_caller(x_api_key=plain).get("/v1/tenants")
    assert code(refused) == (401, "key_elsewhere")
    assert "live" in refused.json["detail"]
    renamed = api.as_caller(x_api_key=plain.replace("_live_", "_test_"))
    assert code(renamed.get("/v1/tenants")) == (401, "key_invalid")
    assert code(api.post("/v1/keys", body(environment="live"))) == (400, "environment_foreign")
    assert api.post("/v1/keys", body()).json["key"].startswith("kanri_test_")


def test_a_key_is_taken_from_its_ranges_alone(behind: Api) -> None:
    api = behind
    ranges = ["203.0.113.0/24", "2001:db8::/32"]
    made = api.post("/v1/keys", body(ranges=ranges, permissions=["tenant:read", "key:write"]))
    assert made.json["details"]["ranges"] == ranges
    keyed = api.as_caller(x_api_key=made.json["key"])

    def from_(forwarded: str) -> Answer:
        return keyed.get("/v1/tenants", headers={"x-forwarded-for": forwarded})

    def used() -> bool:
        [key] = [key for key in api.get("/v1/keys").json["keys"] if key["ranges"]]
        return key["lastUsedAt"] is not None

    assert code(from_("198.51.100.1")) == code(from_("fe80::1%eth0")) == (401, "key_address")
    assert code(keyed.get("/v1/tenants")) == (401, "key_address")
    assert not used(), "an attempt from elsewhere is no use"
    assert [event.result for event in chain_of(api.doors.engine, DEPLOYMENT)][1:] == [
        "key_address"
    ] * 3
    assert from_("203.0.113.9:5000").status == 200
    assert used()
    assert from_("[2001:db8::9]:5000").status == 200
    assert code(from_("198.51.100.1")) == (401, "key_address")
    assert code(from_("203.0.113.9, 198.51.100.1")) == (401, "key_address"), "the last hop counts"
    inside, soon = {"x-forwarded-for": "203.0.113.9"}, made.json["details"]["expiresAt"]
    for given in (None, ["0.0.0.0/0"], [*ranges, "198.51.100.0/24"]):
        sent = json.dumps(body(ranges=given, expiresAt=soon)).encode()
        answer = keyed.send("POST", "/v1/keys", {}, sent, headers=inside)
        assert code(answer) == (403, "ranges_too_wide"), given
    sent = json.dumps(body(ranges=["203.0.113.7/32"], expiresAt=soon)).encode()
    assert keyed.send("POST", "/v1/keys", {}, sent, headers=inside).status == 201
    assert code(api.post("/v1/keys", body(ranges=["203.0.113.7/24"]))) == (400, "range_malformed")


def test_a_rotated_key_goes_on_beside_the_new_one_for_a_while(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = api.post("/v1/keys", body(tenantIds=[str(TENANT)])).json
    key_id = made["details"]["keyId"]
    role = {"subjectKind": "key", "subjectId": key_id, "role": "reader", "scope": "tenant"}
    given = api.post(
        "/v1/memberships", role | {"tenantId": str(OTHER), "expiresAt": body()["expiresAt"]}
    )
    assert given.status == 201
    turned = api.post(f"/v1/keys/{key_id}/rotate", {"overlapMinutes": 5})
    assert turned.status == 201, turned.json
    new = turned.json["details"]
    assert (new["replaces"], new["permissions"]) == (key_id, ["tenant:read"])
    assert new["tenantIds"] == [str(TENANT)]
    old, fresh = (api.as_caller(x_api_key=text) for text in (made["key"], turned.json["key"]))
    for tenant in (TENANT, OTHER):
        assert [who.get(f"/v1/tenants/{tenant}").status for who in (old, fresh)] == [200, 200]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(minutes=6))
    assert code(old.get(PATH)) == (401, "key_invalid")
    assert fresh.get(PATH).status == 200
    assert code(api.post(f"/v1/keys/{key_id}/rotate", {})) == (409, "key_ended")
    at_once = api.post(f"/v1/keys/{new['keyId']}/rotate", {"overlapMinutes": 0})
    assert code(fresh.get(PATH)) == (401, "key_invalid")
    assert api.as_caller(x_api_key=at_once.json["key"]).get(PATH).status == 200


def test_nobody_rotates_his_way_to_more(api: Api, make_key: KeyMaker) -> None:
    strong = api.post("/v1/keys", body(permissions=["tenant:write"])).json["details"]["keyId"]
    weak = api.as_caller(x_api_key=make_key("key:write", "tenant:read", hours=0.25))
    rotation = {"expiresAt": (clock.now() + timedelta(minutes=5)).isoformat()}
    refused = weak.post(f"/v1/keys/{strong}/rotate", rotation)
    assert code(refused) == (403, "permission_missing")
    plain = api.post("/v1/keys", body()).json["details"]["keyId"]
    assert code(weak.post(f"/v1/keys/{plain}/rotate", {})) == (403, "expiry_too_late")
    turned = weak.post(f"/v1/keys/{plain}/rotate", rotation)
    assert turned.status == 201
    by_role = api.post("/v1/keys", body()).json["details"]["keyId"]
    role = {"subjectKind": "key", "subjectId": by_role, "role": "administrator", "scope": "all"}
    until = {"expiresAt": body()["expiresAt"]}
    assert api.post("/v1/memberships", role | until).status == 201
    refused = weak.post(f"/v1/keys/{by_role}/rotate", rotation)
    assert code(refused) == (403, "permission_missing"), "what it has by a role counts"
    weak_id = weak.get("/v1/me").json["subjectId"]
    assert api.delete(f"/v1/keys/{weak_id}").status == 204
    ended = api.as_caller(x_api_key=turned.json["key"])
    assert code(ended.get(PATH)) == (401, "key_invalid"), "made with a key that was revoked"


def status_at(host: Host, key: str) -> int:
    request = urllib.request.Request(f"{host.url}/api/v1/tenants", headers={"x-api-key": key})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


@pytest.mark.slow
def test_a_revoked_key_stops_on_every_host(
    fresh_database: Callable[[], Settings],
    fresh_storage: Callable[[], str],
    sandbox: SandboxReady,
    tmp_path: Path,
) -> None:
    settings, storage = fresh_database(), fresh_storage()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        running_host(settings, storage, sandbox, tmp_path / "one", UUID(int=1)) as one,
        running_host(settings, storage, sandbox, tmp_path / "two", UUID(int=1)) as two,
    ):
        status, _, answer = one.send("POST", "v1/keys", body())
        made = json.loads(answer)
        assert status == 201
        assert [status_at(host, made["key"]) for host in (one, two)] == [200, 200]
        assert one.send("DELETE", f"v1/keys/{made['details']['keyId']}")[0] == 204
        revoked = monotonic()
        assert [status_at(host, made["key"]) for host in (two, one)] == [401, 401], "at once"
        print(f"refused by both hosts {monotonic() - revoked:.2f} s after")  # noqa: T201
