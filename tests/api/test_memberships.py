"""Roles and memberships over HTTP: who is given what where may that, there, at once, and no more."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.role_permissions import PERMISSIONS, ROLE_PERMISSIONS
from shared.core.settings import Settings
from shared.store.registers.tenants import Tenants
from tests.api.conftest import AUDIENCE, OTHER, TENANT, Answer, Api, KeyMaker

pytestmark = pytest.mark.stack

ANN = "aaaaaaaa-0000-4000-8000-000000000001"
BOB = "aaaaaaaa-0000-4000-8000-000000000002"
TEAM = "aaaaaaaa-0000-4000-8000-0000000000aa"


@pytest.fixture
def app_settings(settings_with_tokens: Settings) -> Settings:
    return settings_with_tokens


type SignIn = Callable[..., Api]


@pytest.fixture
def sign_in(api: Api, admin: SandboxAdmin, sandbox: SandboxReady) -> SignIn:
    def sign_in(user: str, directory: str | None = None, **facts: object) -> Api:
        token = admin.token(AUDIENCE, directory or sandbox.tenants[0].tenant_id, user=user, **facts)
        return api.as_caller(authorization=f"Bearer {token}")

    return sign_in


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def give(api: Api, subject: str, role: str, scope: str = "all", **more: object) -> Answer:
    body = {"subjectKind": "user", "subjectId": subject, "role": role, "scope": scope}
    until = (clock.now() + timedelta(minutes=20)).isoformat()
    return api.post("/v1/memberships", body | {"expiresAt": until} | more)


def here(api: Api, subject: str, role: str, tenant: UUID = TENANT, **more: object) -> Answer:
    return give(api, subject, role, "tenant", tenantId=str(tenant), **more)


def test_a_role_on_a_tenant_is_one_there_and_nowhere_else(api: Api, sign_in: SignIn) -> None:
    ann = sign_in(ANN)
    users = "/v1/tenants/{}/reports/users"
    assert code(ann.get(users.format(TENANT))) == (403, "permission_missing")
    given = here(api, ANN, "masked_reader")
    assert given.status == 201, given.json
    answer = ann.get(users.format(TENANT))
    assert (answer.status, answer.headers["Kanri-Personal-Data"]) == (200, "masked")
    assert code(ann.get(users.format(OTHER))) == (403, "tenant_forbidden")
    assert [t["tenantId"] for t in ann.get("/v1/tenants").json["tenants"]] == [str(TENANT)]
    assert here(api, ANN, "reader", OTHER).status == 201
    shown = [ann.get(users.format(t)).headers["Kanri-Personal-Data"] for t in (TENANT, OTHER)]
    assert shown == ["masked", "shown"]
    assert code(sign_in(BOB).get(users.format(TENANT))) == (403, "permission_missing")
    path = f"/v1/memberships/{given.json['membershipId']}"
    assert api.get(path).json == given.json
    assert api.delete(path).status == 204
    assert code(api.delete(path)) == (404, "membership_unknown")
    assert code(ann.get(users.format(TENANT))) == (403, "tenant_forbidden")


def test_a_group_an_app_and_a_key_have_roles_too(
    api: Api, sign_in: SignIn, make_key: KeyMaker, admin: SandboxAdmin, sandbox: SandboxReady
) -> None:
    home = sandbox.tenants[0].tenant_id
    assert here(api, TEAM, "operator", subjectKind="group").status == 201
    in_team = sign_in(BOB, claims={"groups": [TEAM, BOB]})
    assert in_team.post(f"/v1/tenants/{TENANT}/collections", {"datasets": ["users"]}).status == 202
    assert code(sign_in(BOB).get(f"/v1/tenants/{TENANT}")) == (403, "permission_missing")
    assert here(api, BOB, "reader", subjectKind="app").status == 201
    app = admin.token(AUDIENCE, home, claims={"oid": BOB, "sub": BOB})
    assert api.as_caller(authorization=f"Bearer {app}").get(f"/v1/tenants/{TENANT}").status == 200
    assert code(sign_in(BOB).get(f"/v1/tenants/{TENANT}")) == (403, "permission_missing")
    narrow = api.as_caller(x_api_key=make_key("report:read", tenants=[OTHER]))
    key_id = api.get("/v1/keys").json["keys"][0]["keyId"]
    assert here(api, key_id, "reader", subjectKind="key").status == 201
    assert [narrow.get(f"/v1/tenants/{t}").status for t in (TENANT, OTHER)] == [200, 403]
    assert narrow.get(f"/v1/tenants/{OTHER}/reports/users").status == 200


def test_a_tag_gives_the_tenants_that_have_it_now(api: Api, sign_in: SignIn) -> None:
    assert give(api, ANN, "reader", "tag", tag="gold").status == 201
    ann = sign_in(ANN)
    assert ann.get("/v1/tenants").json["tenants"] == []
    tagged = api.send("PATCH", f"/v1/tenants/{TENANT}", {}, b'{"addTags": ["gold", "tokyo"]}')
    assert (tagged.status, tagged.json["tags"]) == (200, ["gold", "tokyo"])
    assert [t["tenantId"] for t in ann.get("/v1/tenants").json["tenants"]] == [str(TENANT)]
    assert ann.get(f"/v1/tenants/{TENANT}/reports/users").status == 200
    api.send("PATCH", f"/v1/tenants/{TENANT}", {}, b'{"removeTags": ["gold"]}')
    assert code(ann.get(f"/v1/tenants/{TENANT}/reports/users")) == (403, "tenant_forbidden")


def test_who_tags_gives_no_more_than_he_holds(
    api: Api, sign_in: SignIn, make_key: KeyMaker
) -> None:
    assert give(api, ANN, "owner", "tag", tag="gold").status == 201
    assert give(api, ANN, "administrator").status == 201
    body = b'{"addTags": ["gold"]}'
    refused = sign_in(ANN).send("PATCH", f"/v1/tenants/{TENANT}", {}, body)
    assert code(refused) == (403, "scope_too_narrow")
    other = sign_in(ANN).send("PATCH", f"/v1/tenants/{TENANT}", {}, b'{"addTags": ["silver"]}')
    assert other.status == 200
    narrow = api.as_caller(x_api_key=make_key(tenants=[TENANT]))
    answer = narrow.send("PATCH", f"/v1/tenants/{TENANT}", {}, body)
    assert code(answer) == (403, "scope_too_narrow")


def test_nobody_gives_what_he_does_not_hold_there(api: Api, sign_in: SignIn) -> None:
    assert here(api, ANN, "administrator").status == 201
    ann = sign_in(ANN)
    assert here(ann, BOB, "operator").status == 201
    assert code(here(ann, BOB, "owner")) == (403, "permission_missing")
    assert code(here(ann, BOB, "backup_operator", OTHER)) == (403, "tenant_forbidden")
    assert code(give(ann, BOB, "reader")) == (403, "scope_too_narrow")
    assert code(give(ann, BOB, "reader", "tag", tag="x")) == (403, "scope_too_narrow")
    bob = sign_in(BOB)
    assert code(here(bob, BOB, "reader")) == (403, "permission_missing")
    owner = here(api, BOB, "owner").json["membershipId"]
    assert code(ann.delete(f"/v1/memberships/{owner}")) == (403, "permission_missing")
    elsewhere = here(api, BOB, "reader", OTHER).json["membershipId"]
    assert code(ann.delete(f"/v1/memberships/{elsewhere}")) == (403, "tenant_forbidden")
    assert code(ann.get(f"/v1/memberships/{elsewhere}")) == (403, "tenant_forbidden")
    listed = ann.get("/v1/memberships").json["memberships"]
    assert {entry["tenantId"] for entry in listed} == {str(TENANT)}


def test_what_a_key_gives_ends_with_it(api: Api, make_key: KeyMaker, sign_in: SignIn) -> None:
    plain = make_key(hours=0.5)
    giver = api.as_caller(x_api_key=plain)
    assert code(here(giver, ANN, "reader", expiresAt=None)) == (403, "expiry_too_late")
    late = (clock.now() + timedelta(hours=2)).isoformat()
    assert code(here(giver, ANN, "reader", expiresAt=late)) == (403, "expiry_too_late")
    assert here(giver, ANN, "reader").status == 201
    assert sign_in(ANN).get(f"/v1/tenants/{TENANT}").status == 200
    key_id = api.get("/v1/keys").json["keys"][0]["keyId"]
    assert api.delete(f"/v1/keys/{key_id}").status == 204
    assert code(sign_in(ANN).get(f"/v1/tenants/{TENANT}")) == (403, "permission_missing")


def test_a_membership_that_contradicts_itself_is_refused(api: Api, sandbox: SandboxReady) -> None:
    guest = sandbox.tenants[1].tenant_id
    unclear = (400, "scope_unclear")
    assert code(give(api, ANN, "reader", "tenant")) == unclear
    assert code(give(api, ANN, "reader", "all", tag="x")) == unclear
    assert code(give(api, ANN, "reader", "tag", tenantId=str(TENANT), tag="x")) == unclear
    assert code(give(api, ANN, "emperor")) == (404, "role_unknown")
    assert code(here(api, ANN, "reader", UUID(ANN))) == (404, "tenant_unknown")
    assert code(here(api, ANN, "reader", subjectKind="key")) == (404, "key_unknown")
    assert code(here(api, ANN, "reader", subjectKind="key", directory=guest))[0] == 400
    past = clock.now() - timedelta(minutes=1)
    assert code(here(api, ANN, "reader", expiresAt=past.isoformat())) == (400, "expiry_past")
    assert here(api, ANN, "reader").status == 201
    assert code(here(api, ANN, "reader")) == (409, "membership_exists")


def test_who_is_of_another_directory_has_roles_there_only(
    api: Api, sandbox: SandboxReady, sign_in: SignIn
) -> None:
    guest = sandbox.tenants[1].tenant_id
    Tenants(api.doors.engine).add(UUID(guest), "Guest")
    assert code(here(api, ANN, "reader", directory=guest)) == (400, "subject_foreign")
    assert code(give(api, ANN, "reader", directory=guest)) == (400, "subject_foreign")
    assert here(api, ANN, "reader", UUID(guest), directory=guest).status == 201
    of_guest = sign_in(ANN, guest)
    assert of_guest.get(f"/v1/tenants/{guest}").status == 200
    assert code(of_guest.get(f"/v1/tenants/{TENANT}")) == (403, "tenant_forbidden")
    assert code(sign_in(ANN).get(f"/v1/tenants/{guest}")) == (403, "permission_missing")


def test_a_removed_tenant_takes_what_was_given_there_with_it(api: Api, sign_in: SignIn) -> None:
    assert here(api, ANN, "reader").status == 201
    assert give(api, ANN, "reader", "tag", tag="gold").status == 201
    api.send("PATCH", f"/v1/tenants/{TENANT}", {}, b'{"addTags": ["gold"]}')
    assert api.delete(f"/v1/tenants/{TENANT}").status == 204
    Tenants(api.doors.engine).add(TENANT, "Contoso")
    assert code(sign_in(ANN).get(f"/v1/tenants/{TENANT}")) == (403, "tenant_forbidden")
    assert [m["scope"] for m in api.get("/v1/memberships").json["memberships"]] == ["tag"]


def test_own_roles_are_defined_changed_and_deleted(api: Api, sign_in: SignIn) -> None:
    listed = {role["role"]: role for role in api.get("/v1/roles", lang="ja").json["roles"]}
    assert set(listed) == set(ROLE_PERMISSIONS)
    assert listed["reader"]["title"] == "閲覧者"
    new = {"role": "desk", "title": "Help desk", "permissions": ["report:read"]}
    made = api.post("/v1/roles", new)
    assert (made.status, made.json["builtIn"]) == (201, False)
    assert code(api.post("/v1/roles", new)) == (409, "role_exists")
    assert code(api.post("/v1/roles", new | {"role": "owner"})) == (409, "role_exists")
    assert code(api.post("/v1/roles", new | {"permissions": ["x:y"]})) == (
        400,
        "permission_unknown",
    )
    assert here(api, ANN, "desk").status == 201
    ann = sign_in(ANN)
    assert ann.get(f"/v1/tenants/{TENANT}/reports/users").status == 200
    assert code(ann.get(f"/v1/tenants/{TENANT}")) == (403, "permission_missing")
    read = api.get("/v1/roles/desk")
    change = b'{"permissions": ["report:read", "tenant:read"]}'
    assert code(api.send("PATCH", "/v1/roles/desk", {}, change)) == (428, "if_match_missing")
    tag = {"if-match": read.headers["ETag"]}
    changed = api.send("PATCH", "/v1/roles/desk", {}, change, headers=tag)
    assert (changed.status, changed.json["title"]) == (200, "Help desk")
    assert ann.get(f"/v1/tenants/{TENANT}").status == 200
    stale = api.send("PATCH", "/v1/roles/desk", {}, change, headers=tag)
    assert code(stale) == (412, "changed_meanwhile")
    tag = {"if-match": f'"x", {changed.headers["ETag"]}'}
    assert api.send("PATCH", "/v1/roles/desk", {}, change, headers=tag).status == 200
    assert code(api.delete("/v1/roles/desk")) == (428, "if_match_missing")
    assert code(api.delete("/v1/roles/desk", tag)) == (412, "changed_meanwhile")
    tag = {"if-match": api.get("/v1/roles/desk").headers["ETag"]}
    assert code(api.delete("/v1/roles/desk", tag)) == (409, "role_in_use")
    [membership] = api.get("/v1/memberships").json["memberships"]
    assert api.delete(f"/v1/memberships/{membership['membershipId']}").status == 204
    assert api.delete("/v1/roles/desk", tag).status == 204
    assert code(api.delete("/v1/roles/desk", tag)) == (404, "role_unknown")
    assert code(api.delete("/v1/roles/reader", tag)) == (409, "role_built_in")
    pages = [api.get("/v1/roles", top=5).json]
    pages.append(api.get("/v1/roles", top=5, cursor=pages[0]["cursor"]).json)
    assert [r["role"] for page in pages for r in page["roles"]] == list(listed)


def test_nobody_defines_a_role_stronger_than_himself(api: Api, make_key: KeyMaker) -> None:
    weak = api.as_caller(x_api_key=make_key("role:read", "role:write", "report:read"))
    new = {"role": "desk", "title": "Desk", "permissions": ["tenant:write"]}
    assert code(weak.post("/v1/roles", new)) == (403, "permission_missing")
    assert weak.post("/v1/roles", new | {"permissions": ["report:read"]}).status == 201
    tag = {"if-match": weak.get("/v1/roles/desk").headers["ETag"]}
    body = b'{"permissions": ["tenant:write"]}'
    answer = weak.send("PATCH", "/v1/roles/desk", {}, body, headers=tag)
    assert code(answer) == (403, "permission_missing")
    assert api.send("PATCH", "/v1/roles/desk", {}, body, headers=tag).status == 200
    assert code(weak.delete("/v1/roles/desk", {"if-match": "*"})) == (403, "permission_missing")
    here_only = api.as_caller(x_api_key=make_key(tenants=[TENANT]))
    assert code(here_only.post("/v1/roles", new)) == (403, "scope_too_narrow")


def test_me_tells_who_asks_from_where_and_what_he_may(
    api: Api, sign_in: SignIn, make_key: KeyMaker, sandbox: SandboxReady
) -> None:
    nobody = sign_in(BOB).get("/v1/me")
    assert (nobody.status, nobody.json["holds"]) == (200, [])
    assert here(api, ANN, "masked_reader").status == 201
    me = sign_in(ANN, roles=["Kanri.Operator"]).get("/v1/me").json
    assert (me["kind"], me["subjectKind"], me["subjectId"]) == ("token", "user", ANN)
    assert me["directory"] == sandbox.tenants[0].tenant_id
    assert [(h["via"], h["role"], h["tenantIds"]) for h in me["holds"]] == [
        ("app_role", "operator", None),
        ("membership", "masked_reader", [str(TENANT)]),
    ]
    assert me["holds"][1]["permissions"] == sorted(ROLE_PERMISSIONS["masked_reader"])
    key = api.get("/v1/me").json
    assert (key["kind"], key["subjectKind"], key["directory"]) == ("key", "key", None)
    assert key["holds"][0]["permissions"] == sorted(PERMISSIONS)
    assert api.as_caller().get("/v1/me").status == 401
