"""Policies of identity, owners of groups, roles in force: single objects, gaps, and what changes them."""

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

METHODS = "/policies/authenticationMethodsPolicy"
DEFAULTS = "/policies/identitySecurityDefaultsEnforcementPolicy"
CROSS = "/policies/crossTenantAccessPolicy"
ROLES = "/roleManagement/directory"
ACTIVE = f"{ROLES}/roleAssignmentScheduleInstances"


def test_each_method_has_its_state_and_takes_no_options(sandbox: Sandbox) -> None:
    policy = sandbox.get(METHODS).json()
    states = {one["id"]: one["state"] for one in policy["authenticationMethodConfigurations"]}
    assert set(states.values()) == {"enabled", "disabled"}
    assert {"Fido2", "Sms", "MicrosoftAuthenticator"} <= set(states)
    assert sandbox.error(f"{METHODS}?$select=id")[0] == 400


def test_the_defaults_for_other_tenants_have_no_id_and_partners_may_say_nothing(
    sandbox: Sandbox,
) -> None:
    defaults = sandbox.get(f"{CROSS}/default").json()
    assert "id" not in defaults
    assert defaults["isServiceDefault"] is True
    partners, _page = sandbox.read(f"{CROSS}/partners")
    assert not any("id" in row for row in partners)
    assert len({row["tenantId"] for row in partners}) == len(partners) > 3
    assert any(row["inboundTrust"] is None for row in partners)
    assert any(row["isServiceProvider"] for row in partners)


def test_security_defaults_are_off_while_a_policy_governs(sandbox: Sandbox) -> None:
    assert sandbox.get(DEFAULTS).json()["isEnabled"] is False


def test_activated_roles_are_assigned_too_and_have_an_end(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(f"{ACTIVE}?$expand=principal")
    assigned = {row["id"] for row in sandbox.read(f"{ROLES}/roleAssignments")[0]}
    assert {row["id"] for row in rows} == assigned
    kinds = {row["assignmentType"]: row["endDateTime"] for row in rows}
    assert kinds["Assigned"] is None
    assert kinds["Activated"] is not None
    sandbox.admin.advance(9 * 3_600)
    later, _page = sandbox.read(ACTIVE)
    assert {row["assignmentType"] for row in later} == {"Assigned"}


def test_without_the_second_plan_active_roles_are_refused(sandbox: Sandbox) -> None:
    sandbox.admin.tenant(premium="P1")
    try:
        refused = sandbox.error(ACTIVE)
    finally:
        sandbox.admin.tenant(premium="P2")
    assert refused == (400, "AadPremiumLicenseRequired")


def test_some_groups_have_no_owner_and_some_an_application(sandbox: Sandbox) -> None:
    groups, _page = sandbox.read("/groups?$select=id&$top=999")
    owners = [
        sandbox.read(f"/groups/{row['id']}/owners?$select=id,displayName,userPrincipalName")[0]
        for row in groups
    ]
    assert [] in owners
    assert {1, 2} <= {len(found) for found in owners}
    assert sandbox.error("/groups/00000000-0000-4000-8000-000000000000/owners")[0] == 404
