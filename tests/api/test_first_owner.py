"""The first owner: by a secret that opens once, and a deployment that is never without one again."""

import json
from concurrent.futures import ThreadPoolExecutor
from copy import replace

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.settings import Settings
from tests.api.conftest import AUDIENCE, TENANT, Answer, Api
from tests.api.doors import Doors
from tests.api.running_host import Host
from tests.api.test_memberships import ANN, BOB, code, here

pytestmark = pytest.mark.stack

SECRET = "a-secret-that-somebody-has-made-at-random"


@pytest.fixture
def app_settings(settings_with_tokens: Settings) -> Settings:
    return replace(settings_with_tokens, owner_secret=SECRET)


def bearer(admin: SandboxAdmin, user: str, directory: str) -> str:
    return f"Bearer {admin.token(AUDIENCE, directory, user=user)}"


def claim(caller: Api, secret: str = SECRET) -> Answer:
    return caller.post("/v1/owners", {"secret": secret})


def test_the_secret_opens_once_and_the_last_owner_stays(
    api: Api, admin: SandboxAdmin, sandbox: SandboxReady
) -> None:
    home, guest = (entry.tenant_id for entry in sandbox.tenants[:2])
    ann, bob = (api.as_caller(authorization=bearer(admin, user, home)) for user in (ANN, BOB))
    assert code(claim(api)) == (403, "owner_foreign")
    assert code(claim(ann, SECRET + "x")) == (403, "owner_secret_wrong")
    assert code(claim(ann, "秘密")) == (403, "owner_secret_wrong")
    assert code(claim(api.as_caller())) == (401, "credentials_missing")
    settings = replace(api.doors.settings(), owner_secret="")
    unset = Api(Doors(api.doors.engine, settings), ann.headers)
    assert code(claim(unset, "x")) == (403, "owner_secret_unset")
    made = claim(ann)
    assert (made.status, made.json["role"], made.json["scope"]) == (201, "owner", "all")
    assert code(claim(bob)) == (409, "owner_exists")
    assert code(claim(bob, "wrong")) == (409, "owner_exists"), "nothing is compared any more"
    owner = f"/v1/memberships/{made.json['membershipId']}"
    assert code(ann.delete(owner)) == (409, "owner_last")
    assert here(ann, BOB, "owner").status == 201, "of one tenant"
    assert code(ann.delete(owner)) == (409, "owner_last")
    second = {"subjectKind": "user", "subjectId": BOB, "role": "owner", "scope": "all"}
    assert ann.post("/v1/memberships", second).status == 201
    assert bob.delete(owner).status == 204
    assert code(ann.get("/v1/memberships")) == (403, "permission_missing")
    assert code(claim(ann)) == (409, "owner_exists")
    assert guest != home


def test_of_many_claims_at_once_one_is_heard(
    api: Api, admin: SandboxAdmin, sandbox: SandboxReady
) -> None:
    home = sandbox.tenants[0].tenant_id
    callers = [
        api.as_caller(authorization=bearer(admin, f"{ANN[:-2]}{n:02}", home)) for n in range(8)
    ]
    assert claim(callers[0], "wrong").status == 403  # Entra's keys are known from now on
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(answer.status for answer in pool.map(claim, callers))
    assert statuses == [201] + [409] * 7


@pytest.mark.slow
def test_the_first_owner_gives_roles_behind_the_real_host(
    host: Host, admin: SandboxAdmin, sandbox: SandboxReady
) -> None:
    home = sandbox.tenants[0].tenant_id
    ann, bob = ({"x_api_key": "", "authorization": bearer(admin, u, home)} for u in (ANN, BOB))
    status, _, body = host.send("POST", "v1/owners", {"secret": host.owner_secret}, **ann)
    assert (status, json.loads(body)["role"]) == (201, "owner")
    assert host.send("POST", "v1/owners", {"secret": host.owner_secret}, **bob)[0] == 409
    reports = f"v1/tenants/{TENANT}/reports/users"
    assert host.send("GET", reports, **bob)[0] == 403
    role = {"subjectKind": "user", "subjectId": BOB, "role": "reader", "scope": "tenant"}
    given = host.send("POST", "v1/memberships", role | {"tenantId": str(TENANT)}, **ann)
    assert given[0] == 201
    assert host.send("GET", reports, **bob)[0] == 200
    me = json.loads(host.send("GET", "v1/me", **bob)[2])
    assert [hold["tenantIds"] for hold in me["holds"]] == [[str(TENANT)]]
    one = f"v1/memberships/{json.loads(given[2])['membershipId']}"
    assert host.send("DELETE", one, **ann)[0] == 204
    assert host.send("GET", reports, **bob)[0] == 403
