"""A key for many tenants waits for a second person, and opens nothing until then."""

from datetime import timedelta

import pytest

from shared.core import clock
from shared.usecases.decide_approval import close_expired
from tests.api.approving import approve, code, new_key
from tests.api.conftest import OTHER, TENANT, Api

pytestmark = pytest.mark.stack


def test_a_key_for_every_tenant_opens_nothing_before_it_is_approved(
    strict: Api, second: Api
) -> None:
    made = strict.post("/v1/keys", new_key(), headers={"idempotency-key": "k"})
    assert (made.status, made.json["details"]["waits"]) == (202, True)
    approval = made.json["approval"]["approvalId"]
    assert made.headers["Location"].endswith(approval)
    waiting = strict.as_caller(x_api_key=made.json["key"])
    assert code(waiting.get("/v1/tenants")) == (401, "key_invalid")
    waits = made.json["details"]["keyId"]
    assert code(strict.post(f"/v1/keys/{waits}/rotate", {})) == (409, "key_ended")
    shown = second.get(f"/v1/approvals/{approval}").json["effect"]
    assert (shown["tenants"], shown["privileged"]) == (None, ["tenant:write"])
    assert {"k", waits, "tenant:read"} <= set(shown["items"])
    assert made.json["key"] not in str(shown)
    assert approve(second, approval).status == 200
    assert waiting.get("/v1/tenants").status == 200
    narrow = strict.post("/v1/keys", new_key(tenantIds=[str(TENANT)]))
    assert (narrow.status, narrow.json["approval"]) == (201, None)
    many = strict.post("/v1/keys", new_key(tenantIds=[str(TENANT), str(OTHER)]))
    assert (many.status, many.json["details"]["waits"]) == (202, True)


@pytest.mark.parametrize("end", ["reject", "withdraw", "expire"])
def test_a_key_that_is_not_approved_is_none(strict: Api, second: Api, end: str) -> None:
    made = strict.post("/v1/keys", new_key())
    approval = made.json["approval"]["approvalId"]
    waiting = strict.as_caller(x_api_key=made.json["key"])
    if end == "reject":
        answer = second.post(f"/v1/approvals/{approval}/reject", {"comment": "What for?"})
        assert (answer.json["state"], answer.json["comment"]) == ("rejected", "What for?")
    elif end == "withdraw":
        assert code(second.post(f"/v1/approvals/{approval}/withdraw")) == (404, "approval_unknown")
        answer = strict.post(f"/v1/approvals/{approval}/withdraw")
        assert answer.json["state"] == "withdrawn"
    else:
        assert close_expired(strict.doors.engine, clock.now() + timedelta(days=4)) == 1
    assert second.get(f"/v1/approvals/{approval}").json["obstacle"] is None
    assert code(approve(second, approval))[0] == 409
    assert code(waiting.get("/v1/tenants")) == (401, "key_invalid")
    found = {one["keyId"]: one for one in strict.get("/v1/keys").json["keys"]}
    assert found[made.json["details"]["keyId"]]["revokedAt"] is not None


def test_a_key_comes_to_no_more_tenants_by_a_membership(strict: Api) -> None:
    made = strict.post("/v1/keys", new_key(tenantIds=[str(TENANT)]))
    until = (clock.now() + timedelta(minutes=20)).isoformat()
    body = {
        "subjectKind": "key",
        "subjectId": made.json["details"]["keyId"],
        "role": "reader",
        "expiresAt": until,
    }
    for scope in ({"scope": "all"}, {"scope": "tag", "tag": "gold"}):
        answer = strict.post("/v1/memberships", body | scope)
        assert code(answer) == (403, "key_everywhere")
    here = {"scope": "tenant", "tenantId": str(OTHER)}
    assert strict.post("/v1/memberships", body | here).status == 201
