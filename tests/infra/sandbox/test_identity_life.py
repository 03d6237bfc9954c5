"""Policies of identity in the life of a tenant."""

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"


def test_security_defaults_come_on_when_no_policy_governs(sandbox: Sandbox) -> None:
    enabled = "/identity/conditionalAccess/policies?$filter=state eq 'enabled'"

    def defaults_are_on(_kinds: set[str]) -> bool:
        if sandbox.get(DEFAULTS).json()["isEnabled"]:
            return True
        for row in sandbox.read(enabled)[0]:
            sandbox.admin.patch("conditional_access_policies", row["id"], {"state": "disabled"})
        return False

    assert not defaults_are_on(set())
    live_until(sandbox.admin, defaults_are_on, portion=10)


def test_each_of_them_changes_with_the_life_of_the_tenant(sandbox: Sandbox) -> None:
    wanted = {"authentication methods", "cross-tenant access", "group owner", "role activation"}
    names = ("authentication_methods_policy", "cross_tenant_partners", "group_owners")

    def each_changed(kinds: set[str]) -> bool:
        lives = [sandbox.admin.lives(name).values() for name in names]
        changed = all(any(len(told) > 1 for told in each) for each in lives)
        return changed and wanted <= kinds

    live_until(sandbox.admin, each_changed)
