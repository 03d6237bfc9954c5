"""Operator and tenant administrator: who may do what to a tenant, in each state of its life."""

import itertools
from copy import replace
from datetime import timedelta
from uuid import UUID

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.role_permissions import PERMISSIONS
from shared.core.settings import Settings
from shared.store.registers.tenants import Tenants
from tests.api.conftest import AUDIENCE, OTHER, Answer, Api, KeyMaker
from tests.api.doors import Doors

pytestmark = pytest.mark.stack

UNTIL = (clock.now() + timedelta(minutes=30)).isoformat()

AUTHORITIES = ("operator_key", "operator_token", "tenant_key", "tenant_token", "two_tenants_key")
STATES = ("active", "paused_by_tenant", "paused_by_operator", "removed")
ACTS = ("connect", "pause", "resume", "remove", "purge", "make_key", "collect", "read", "look")

_ALLOWED = {
    "connect": 200,
    "pause": 200,
    "resume": 200,
    "remove": 204,
    "purge": 202,
    "make_key": 201,
    "collect": 202,
    "read": 200,
    "look": 200,
}
# What only the operator of the deployment does, whatever the tenant's administrator may write.
_OPERATORS_OWN = frozenset({"connect", "remove", "purge"})


def expected(authority: str, state: str, act: str) -> tuple[int, str]:
    """The status and, for a refusal, the code: the rules in one place."""
    operator = authority.startswith("operator")
    if state == "removed" and not operator:
        return _of_the_removed(authority, act)
    if not operator and act in _OPERATORS_OWN:
        return 403, "scope_too_narrow"
    if not operator and act == "resume" and state == "paused_by_operator":
        return 403, "paused_by_operator"
    if state == "removed" and act not in _OPERATORS_OWN:
        return 404, "tenant_unknown"
    if state.startswith("paused") and act == "collect":
        return 409, "tenant_paused"
    return _ALLOWED[act], ""


def _of_the_removed(authority: str, act: str) -> tuple[int, str]:
    """A credential that had this tenant only is none; one of two tenants keeps the other."""
    if authority == "tenant_key":
        return 401, "key_invalid"
    if authority == "tenant_token":
        return 401, "token_foreign"
    if act in _OPERATORS_OWN:
        return 403, "scope_too_narrow"
    return 403, "tenant_forbidden"


@pytest.fixture
def app_settings(settings_with_tokens: Settings, sandbox: SandboxReady) -> Settings:
    guest = sandbox.tenants[1]  # which has consented to its app
    return replace(
        settings_with_tokens, client_id=guest.client_id, client_secret=guest.client_secret
    )


@pytest.fixture
def tenant(sandbox: SandboxReady) -> UUID:
    return UUID(sandbox.tenants[1].tenant_id)


@pytest.fixture
def callers(
    api: Api, doors: Doors, make_key: KeyMaker, admin: SandboxAdmin, sandbox: SandboxReady
) -> dict[str, Api]:
    """One caller per authority, each with every permission."""
    home, guest = (entry.tenant_id for entry in sandbox.tenants[:2])
    Tenants(doors.engine).add(UUID(guest), "Guest")

    def bearer(directory: str) -> Api:
        token = admin.token(AUDIENCE, directory, roles=["Kanri.Owner"])
        return api.as_caller(authorization=f"Bearer {token}")

    return {
        "operator_key": api,
        "operator_token": bearer(home),
        "tenant_key": api.as_caller(x_api_key=make_key(tenants=[UUID(guest)])),
        "tenant_token": bearer(guest),
        "two_tenants_key": api.as_caller(x_api_key=make_key(tenants=[UUID(guest), OTHER])),
    }


def put(doors: Doors, tenant: UUID, state: str) -> None:
    """Bring the tenant into `state` from whatever state it is in."""
    if state == "removed":
        Tenants(doors.engine).set_state(tenant, "removed")
        return
    Tenants(doors.engine).add(tenant, "Guest")
    if state == "paused_by_tenant":
        Tenants(doors.engine).set_state(tenant, "paused", by="tenant")
    elif state == "paused_by_operator":
        Tenants(doors.engine).set_state(tenant, "paused", by="operator")


def do(caller: Api, tenant: UUID, act: str) -> Answer:
    path = f"/v1/tenants/{tenant}"
    match act:
        case "connect":
            return caller.post("/v1/tenants", {"tenantId": str(tenant), "displayName": "Guest"})
        case "pause" | "resume":
            return caller.post(f"{path}/{act}")
        case "remove":
            return caller.delete(path)
        case "purge":
            return caller.delete(path, purge="true")
        case "make_key":
            return caller.post("/v1/keys", key_body(tenant))
        case "collect":
            return caller.post(f"{path}/collections", {"datasets": ["users"]})
        case "read":
            return caller.get(f"{path}/reports/users")
        case _:
            return caller.get(path)


def key_body(*tenants: UUID) -> dict[str, object]:
    return {
        "name": "k",
        "permissions": sorted(PERMISSIONS),
        "tenantIds": [str(entry) for entry in tenants],
        "expiresAt": UNTIL,
    }


def answered(answer: Answer) -> tuple[int, str]:
    return answer.status, (answer.json.get("code", "") if answer.status >= 400 else "")


@pytest.mark.parametrize("state", STATES)
def test_each_authority_does_what_is_its_own(
    callers: dict[str, Api], doors: Doors, tenant: UUID, make_key: KeyMaker, state: str
) -> None:
    for authority, act in itertools.product(AUTHORITIES, ACTS):
        put(doors, tenant, "active")
        renew(callers, make_key, tenant)
        put(doors, tenant, state)
        answer = do(callers[authority], tenant, act)
        case = (authority, state, act)
        assert (*case, answered(answer)) == (*case, expected(authority, state, act))
        if answer.status >= 400:  # a refusal has changed nothing
            assert standing(doors, tenant) == state, case


def renew(callers: dict[str, Api], make_key: KeyMaker, tenant: UUID) -> None:
    """Fresh keys: those of a tenant that was removed and came back stay worthless."""
    api = callers["operator_key"]
    callers["tenant_key"] = api.as_caller(x_api_key=make_key(tenants=[tenant]))
    callers["two_tenants_key"] = api.as_caller(x_api_key=make_key(tenants=[tenant, OTHER]))


def standing(doors: Doors, tenant: UUID) -> str:
    found = Tenants(doors.engine).get(tenant)
    return found.state if found.paused_by is None else f"paused_by_{found.paused_by}"


def test_a_removed_tenant_does_not_bring_itself_back(
    callers: dict[str, Api], doors: Doors, tenant: UUID
) -> None:
    own = callers["tenant_key"]
    child = own.as_caller(x_api_key=own.post("/v1/keys", key_body(tenant)).json["key"])
    made_by_token = callers["tenant_token"].post("/v1/keys", key_body(tenant)).json["key"]
    credentials = [own, child, own.as_caller(x_api_key=made_by_token), callers["tenant_token"]]
    assert all(caller.get(f"/v1/tenants/{tenant}").status == 200 for caller in credentials)
    assert callers["operator_token"].delete(f"/v1/tenants/{tenant}").status == 204
    for caller in credentials:
        for act in ACTS:
            assert do(caller, tenant, act).status == 401
    assert Tenants(doors.engine).get(tenant).state == "removed"
    # When the operator takes the tenant back, its administrators sign in anew: keys have ended.
    assert do(callers["operator_key"], tenant, "connect").status == 200
    assert [caller.get(f"/v1/tenants/{tenant}").status for caller in credentials] == [
        401,
        401,
        401,
        200,
    ]


def test_a_key_of_two_tenants_loses_the_removed_one_for_good(
    callers: dict[str, Api], doors: Doors, tenant: UUID
) -> None:
    both = callers["two_tenants_key"]
    Tenants(doors.engine).set_state(tenant, "removed")
    Tenants(doors.engine).add(tenant, "Guest")
    assert both.get(f"/v1/tenants/{OTHER}").status == 200
    assert answered(both.get(f"/v1/tenants/{tenant}")) == (403, "tenant_forbidden")
    assert answered(both.post("/v1/keys", key_body(tenant))) == (403, "tenant_forbidden")


def test_an_operators_pause_outlives_the_tenants_own(
    callers: dict[str, Api], doors: Doors, tenant: UUID
) -> None:
    path = f"/v1/tenants/{tenant}"
    own, operator = callers["tenant_key"], callers["operator_key"]
    assert own.post(f"{path}/pause").json["pausedBy"] == "tenant"
    assert operator.post(f"{path}/pause").json["pausedBy"] == "operator"
    assert own.post(f"{path}/pause").json["pausedBy"] == "operator"
    assert answered(own.post(f"{path}/resume")) == (403, "paused_by_operator")
    assert operator.post(f"{path}/resume").json["pausedBy"] is None
    assert own.post(f"{path}/pause").json["pausedBy"] == "tenant"
    assert own.post(f"{path}/resume").json["state"] == "active"


def test_no_key_is_made_for_a_removed_tenant(callers: dict[str, Api], doors: Doors) -> None:
    Tenants(doors.engine).set_state(OTHER, "removed")
    refused = callers["operator_key"].post("/v1/keys", key_body(OTHER))
    assert answered(refused) == (404, "tenant_unknown")


def test_revoking_a_key_revokes_the_keys_it_made(callers: dict[str, Api], tenant: UUID) -> None:
    operator = callers["operator_key"]
    first = operator.post("/v1/keys", key_body(tenant)).json
    second = operator.as_caller(x_api_key=first["key"]).post("/v1/keys", key_body(tenant)).json
    third = operator.as_caller(x_api_key=second["key"]).post("/v1/keys", key_body(tenant)).json
    beside = operator.post("/v1/keys", key_body(tenant)).json
    listed = {key["keyId"]: key for key in operator.get("/v1/keys").json["keys"]}
    assert listed[second["details"]["keyId"]]["madeBy"] == f"key:{first['details']['keyId']}"
    assert listed[third["details"]["keyId"]]["madeBy"] == f"key:{second['details']['keyId']}"
    assert operator.delete(f"/v1/keys/{first['details']['keyId']}").status == 204
    statuses = [
        operator.as_caller(x_api_key=made["key"]).get(f"/v1/tenants/{tenant}").status
        for made in (first, second, third, beside)
    ]
    assert statuses == [401, 401, 401, 200]
