"""The authorization policy: a single object that changes between two reads."""

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH = "/policies/authorizationPolicy"


def test_one_object_without_a_list_around_it(sandbox: Sandbox) -> None:
    policy = sandbox.get(PATH).json()
    assert "value" not in policy
    assert policy["id"] == "authorizationPolicy"
    assert policy["allowUserConsentForRiskyApps"] is None
    assert policy["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"]
    chosen = sandbox.get(f"{PATH}?$select=id,allowInvitesFrom").json()
    assert set(chosen) == {"@odata.context", "id", "allowInvitesFrom"}
    assert sandbox.error(f"{PATH}?$select=id,colour")[0] == 400
    assert sandbox.error(f"{PATH}?$top=1")[0] == 400


def test_it_changes_with_the_life_of_the_tenant_and_is_remembered(sandbox: Sandbox) -> None:
    own = sandbox.get(PATH).json()["id"]

    def told(_kinds: set[str]) -> bool:
        return len(sandbox.admin.lives("authorization_policy")[own]) > 1

    live_until(sandbox.admin, told)
    states = [state for _wall, state in sandbox.admin.lives("authorization_policy")[own]]
    after = sandbox.get(PATH).json()
    assert {name: after[name] for name in states[-1]} == states[-1]
    sandbox.admin.patch("authorization_policy", own, {"allowInvitesFrom": "none"})
    assert sandbox.get(PATH).json()["allowInvitesFrom"] == "none"
