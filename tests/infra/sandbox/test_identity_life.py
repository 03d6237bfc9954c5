"""Policies of identity in the life of a tenant."""

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"


def test_security_defaults_come_on_when_no_policy_governs(sandbox: Sandbox) -> None:
    for row in sandbox.read("/identity/conditionalAccess/policies")[0]:
        sandbox.admin.patch("conditional_access_policies", row["id"], {"state": "disabled"})
    for _ in range(200):  # it happens seldom, and policies come back on
        sandbox.admin.life(3)
        if sandbox.get(DEFAULTS).json()["isEnabled"]:
            break
        for row in sandbox.read("/identity/conditionalAccess/policies?$filter=state eq 'enabled'")[
            0
        ]:
            sandbox.admin.patch("conditional_access_policies", row["id"], {"state": "disabled"})
    assert sandbox.get(DEFAULTS).json()["isEnabled"] is True


def test_each_of_them_changes_with_the_life_of_the_tenant(sandbox: Sandbox) -> None:
    happened = {event["kind"] for event in sandbox.admin.life(900)}
    wanted = {"authentication methods", "cross-tenant access", "group owner", "role activation"}
    assert wanted <= happened
    for name in ("authentication_methods_policy", "cross_tenant_partners", "group_owners"):
        lives = sandbox.admin.lives(name)
        assert any(len(told) > 1 for told in lives.values()), name
