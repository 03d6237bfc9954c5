"""Group memberships, with tokens that name the groups and tokens that have no room for them."""

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.settings import Settings
from tests.api.conftest import AUDIENCE, TENANT, Api, KeyMaker
from tests.api.test_memberships import code, here

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}"


@pytest.fixture
def app_settings(settings_with_tokens: Settings) -> Settings:
    return settings_with_tokens


@pytest.fixture(scope="module")
def person(admin: SandboxAdmin, sandbox: SandboxReady) -> str:
    return str(min(admin.journal("users", sandbox.tenants[0].tenant_id)["objects"]))


@pytest.fixture(scope="module")
def team(admin: SandboxAdmin, sandbox: SandboxReady, person: str) -> str:
    """A group in a group: the person is in the inner one, the outer one has the role."""
    home = sandbox.tenants[0].tenant_id
    inner, outer = sorted(admin.journal("groups", home)["objects"])[:2]
    admin.member(inner, person, home, present=True)
    admin.member(outer, inner, home, present=True)
    return str(outer)


def signed_in(api: Api, admin: SandboxAdmin, person: str, **facts: object) -> Api:
    home = api.doors.settings().home_tenant_id
    token = admin.token(AUDIENCE, home, user=person, **facts)
    return api.as_caller(authorization=f"Bearer {token}")


OVERAGE = (
    {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x/"}}},
    {"hasgroups": True},
)


def test_a_token_names_the_groups_it_has_room_for(
    api: Api, admin: SandboxAdmin, person: str, team: str
) -> None:
    assert here(api, team, "reader", subjectKind="group").status == 201
    assert signed_in(api, admin, person, groups=True).get(PATH).status == 200
    assert code(signed_in(api, admin, person).get(PATH)) == (403, "permission_missing")


@pytest.mark.parametrize("claims", OVERAGE)
def test_groups_that_do_not_fit_in_are_asked_of_graph(
    api: Api, admin: SandboxAdmin, person: str, team: str, claims: dict[str, object]
) -> None:
    caller = signed_in(api, admin, person, claims=claims)
    # Counts, and never strikes.
    admin.faults({"kind": "throttle", "path": "getMemberObjects", "after": 1000})
    try:
        assert code(caller.get(PATH)) == (403, "permission_missing")
        assert asked(admin) == 0, "no group has a role: nobody is asked"
        assert here(api, team, "reader", subjectKind="group").status == 201
        assert caller.get(PATH).status == 200
        assert caller.get(PATH).status == 200
        assert asked(admin) == 1, "the answer serves for a while"
    finally:
        admin.faults()


def asked(admin: SandboxAdmin) -> int:
    return int(admin.stats()["faults"][0]["seen"])


def test_groups_that_cannot_be_read_are_not_taken_for_none(
    api: Api, admin: SandboxAdmin, person: str, team: str, make_key: KeyMaker
) -> None:
    assert here(api, team, "reader", subjectKind="group").status == 201
    caller = signed_in(api, admin, person, claims=OVERAGE[0], roles=["Kanri.Reader"])
    home = api.doors.settings().home_tenant_id
    client_id = api.doors.settings().client_id
    app = admin.app(home, appId=client_id)
    kept = [n for n in app["permissions"] if not n.startswith(("Group", "Directory"))]
    admin.app(home, appId=client_id, permissions=kept)
    try:
        refused = caller.get(PATH)
    finally:
        admin.app(home, appId=client_id, permissions=app["permissions"])
    assert code(refused) == (502, "groups_unreadable")
    assert "graph_not_permitted" in refused.json["detail"]
    assert caller.get(PATH).status == 200, "a failure is not kept"
