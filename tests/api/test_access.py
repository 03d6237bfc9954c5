"""Who gets in: Entra tokens and API keys, their permissions and tenants, denied by default."""

import base64
import json
from copy import replace
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.role_permissions import APP_ROLES, PERMISSIONS, ROLE_PERMISSIONS
from shared.core.settings import Settings
from shared.store.registers.tenants import Tenants
from shared.web.routes import routes
from tests.api.conftest import AUDIENCE, OTHER, TENANT, Answer, Api, KeyMaker
from tests.api.doors import Doors

pytestmark = pytest.mark.stack


@pytest.fixture
def app_settings(settings_with_tokens: Settings) -> Settings:
    return settings_with_tokens


@pytest.fixture
def home(sandbox: SandboxReady) -> str:
    return sandbox.tenants[0].tenant_id


@pytest.fixture
def guest(sandbox: SandboxReady) -> str:
    return sandbox.tenants[1].tenant_id


def bearer(api: Api, token: str) -> Api:
    return api.as_caller(authorization=f"Bearer {token}")


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "")


def test_a_token_of_the_home_tenant_sees_every_tenant(
    api: Api, admin: SandboxAdmin, home: str
) -> None:
    caller = bearer(api, admin.token(AUDIENCE, home, roles=["Kanri.Reader"]))
    names = {tenant["displayName"] for tenant in caller.get("/v1/tenants").json["tenants"]}
    assert names == {"Contoso", "Fabrikam"}
    assert caller.get(f"/v1/tenants/{TENANT}/reports/users").status == 200


def test_a_token_of_a_connected_tenant_sees_its_own_only(
    api: Api, doors: Doors, admin: SandboxAdmin, guest: str
) -> None:
    caller = bearer(api, admin.token(AUDIENCE, guest, roles=["Kanri.Admin"]))
    assert code(caller.get("/v1/tenants")) == (401, "token_foreign")
    Tenants(doors.engine).add(UUID(guest), "Guest")
    seen = caller.get("/v1/tenants").json["tenants"]
    assert [tenant["tenantId"] for tenant in seen] == [guest]
    assert caller.get(f"/v1/tenants/{guest}/reports/users").status == 200
    unknown = "99999999-9999-9999-9999-999999999999"
    for foreign in (TENANT, unknown):
        answer = caller.get(f"/v1/tenants/{foreign}/reports/users")
        assert code(answer) == (403, "tenant_forbidden")
    assert code(caller.get("/v1/dead-letters")) == (403, "scope_too_narrow")
    assert code(caller.get("/v1/keys")) == (403, "scope_too_narrow")
    Tenants(doors.engine).set_state(UUID(guest), "removed")
    assert code(caller.get("/v1/tenants")) == (401, "token_foreign")


def test_a_delegated_token_of_the_older_form_is_taken(
    api: Api, admin: SandboxAdmin, home: str
) -> None:
    claims = {"iss": f"https://sts.windows.net/{home}/", "ver": "1.0"}
    token = admin.token(AUDIENCE, home, roles=["Kanri.Reader"], claims=claims)
    assert bearer(api, token).get("/v1/tenants").status == 200


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"expiresIn": -3600}, "token_expired"),
        ({"foreignKey": True}, "token_invalid"),
        ({"claims": {"aud": "https://graph.microsoft.com"}}, "token_invalid"),
        ({"claims": {"iss": "https://evil.example/v2.0"}}, "token_invalid"),
        ({"claims": {"nbf": 4_000_000_000}}, "token_invalid"),
        ({"claims": {"azp": None, "appid": None}}, "token_invalid"),
        ({"claims": {"tid": "99999999-9999-9999-9999-999999999999"}}, "token_foreign"),
    ],
)
def test_a_token_that_is_not_right_is_refused(
    api: Api, admin: SandboxAdmin, home: str, facts: dict[str, object], expected: str
) -> None:
    token = admin.token(AUDIENCE, home, roles=["Kanri.Admin"], **facts)
    assert code(bearer(api, token).get("/v1/tenants")) == (401, expected)


def test_a_token_signed_otherwise_is_refused(api: Api, admin: SandboxAdmin, home: str) -> None:
    good = admin.token(AUDIENCE, home, roles=["Kanri.Admin"])
    claims = jwt.decode(good, options={"verify_signature": False})
    head, body, signature = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    key_id = jwt.get_unverified_header(good)["kid"]
    numbered = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":5}').rstrip(b"=").decode()
    elsewhere = {"alg": "RS256", "kid": "../x", "jku": "https://evil.example/keys"}
    pointed = base64.urlsafe_b64encode(json.dumps(elsewhere).encode()).rstrip(b"=").decode()
    for forged in (
        f"{unsigned}.{body}.",
        f"{numbered}.{body}.{signature}",
        f"{pointed}.{body}.{signature}",
        good + "A" * 16_384,
        "é" + good,
        jwt.encode(claims, "x" * 64, "HS256", {"kid": key_id}),
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{_with(body, roles=['Kanri.Admin', 'more'])}.{signature}",
        f"{head}.{body}",
    ):
        assert code(bearer(api, forged).get("/v1/tenants")) == (401, "token_invalid")


def _with(body: str, **more: object) -> str:
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | more
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def test_an_unreachable_entra_is_not_the_callers_fault(
    api: Api, admin: SandboxAdmin, home: str, doors: Doors
) -> None:
    token = admin.token(AUDIENCE, home, roles=["Kanri.Reader"])
    away = replace(doors.settings(), authority_host="https://localhost:1")
    answer = bearer(Api(Doors(doors.engine, away), {}), token).get("/v1/tenants")
    assert code(answer) == (502, "entra_unreachable")


def test_roles_grant_what_they_say_and_no_role_grants_nothing(
    api: Api, admin: SandboxAdmin, home: str
) -> None:
    known = {name: ROLE_PERMISSIONS[role] for name, role in APP_ROLES.items()}
    for role, granted in {**known, "Kanri.Emperor": frozenset(), "": frozenset()}.items():
        caller = bearer(api, admin.token(AUDIENCE, home, roles=[role] if role else []))
        for route in routes():
            if route.permission == "anonymous" or route.method != "GET":
                continue
            path = route.path.replace("{tenant}", str(TENANT)).replace("{key}", "users")
            if "consent" in path:
                continue
            answer = caller.get(
                f"/{path.replace('{id}', str(OTHER)).replace('{role}', 'reader').replace('{dataset}', 'license_prices')}"
            )
            allowed = answer.status != 403
            expected = route.permission in {"signed_in", *granted}
            assert allowed == expected, (role, path, answer.json)


def test_every_route_but_liveness_refuses_a_stranger(api: Api) -> None:
    stranger = api.as_caller()
    for route in routes():
        path = route.path.replace("{tenant}", str(TENANT)).replace("{key}", "users")
        answer = stranger.send(route.method, f"/{path.replace('{id}', str(OTHER))}", {})
        if route.path == "health/live":
            assert answer.status == 200
        else:
            assert code(answer) == (401, "credentials_missing"), path


def test_a_key_does_only_what_it_was_made_for(api: Api, make_key: KeyMaker) -> None:
    narrow = api.as_caller(x_api_key=make_key("report:read", tenants=[TENANT]))
    assert narrow.get(f"/v1/tenants/{TENANT}/reports/users").status == 200
    assert code(narrow.get(f"/v1/tenants/{OTHER}/reports/users")) == (403, "tenant_forbidden")
    assert code(narrow.get("/v1/tenants")) == (403, "permission_missing")
    assert code(narrow.post("/v1/keys", {})) == (403, "permission_missing")
    assert code(narrow.delete(f"/v1/tenants/{TENANT}")) == (403, "permission_missing")


def test_nobody_makes_a_key_stronger_than_himself(api: Api, make_key: KeyMaker) -> None:
    maker = api.as_caller(x_api_key=make_key("key:write", "report:read", tenants=[TENANT]))

    def make(**changes: object) -> Answer:
        body = {
            "name": "k",
            "permissions": ["report:read"],
            "tenantIds": [str(TENANT)],
            "expiresAt": (clock.now() + timedelta(minutes=30)).isoformat(),
        }
        return maker.post("/v1/keys", body | changes)

    assert code(make(permissions=["tenant:write"])) == (403, "permission_missing")
    assert code(make(tenantIds=[str(OTHER)])) == (403, "tenant_forbidden")
    assert code(make(tenantIds=None)) == (403, "scope_too_narrow")
    later = (clock.now() + timedelta(hours=2)).isoformat()
    assert code(make(expiresAt=later)) == (403, "expiry_too_late")
    made = make()
    assert made.status == 201
    child = api.as_caller(x_api_key=made.json["key"])
    assert child.get(f"/v1/tenants/{TENANT}/reports/users").status == 200


def test_a_key_dies_when_revoked_and_its_text_is_never_shown_again(
    api: Api, app_engine: Engine
) -> None:
    body = {
        "name": "feed",
        "permissions": sorted(PERMISSIONS),
        "expiresAt": (clock.now() + timedelta(minutes=30)).isoformat(),
        "environment": "test",
    }
    made = api.post("/v1/keys", body).json
    plain, key_id = made["key"], made["details"]["keyId"]
    assert plain.startswith("kanri_test_")
    feed = bearer(api, plain)
    listed = feed.get("/v1/keys")
    assert plain.encode() not in listed.body
    assert key_id in {key["keyId"] for key in listed.json["keys"]}
    assert api.delete(f"/v1/keys/{key_id}").status == 204
    assert code(feed.get("/v1/keys")) == (401, "key_invalid")
    assert code(api.delete("/v1/keys/99999999-9999-9999-9999-999999999999")) == (404, "key_unknown")
