"""The grant script gives what the enabled datasets declare, no more, and is a script."""

import json
import re

import pytest

from infra.grants.permissions import consent_link, needed_permissions
from infra.grants.registration import api_side, command_line_side
from infra.grants.script import render_script
from shared.core.errors import NotFound
from shared.core.registry import collector, datasets
from shared.core.role_permissions import APP_ROLES
from tests.fixtures.children import run_child

CLIENT = "00000000-0000-4000-8000-000000000001"
PRINCIPAL = "00000000-0000-4000-8000-000000000002"
TENANT = "00000000-0000-4000-8000-000000000003"


def _script(wanted: list[str] | None = None) -> str:
    return render_script(
        CLIENT,
        needed_permissions(wanted),
        principal_id=PRINCIPAL,
        tenant=TENANT,
        authority="https://login.microsoftonline.com",
    )


def test_every_permission_of_every_collector_is_granted_and_no_other() -> None:
    declared = {p.name for dataset in datasets() for p in collector(dataset).permissions}
    granted = set(re.findall(r"^grant '([\w.-]+)'", _script(), flags=re.MULTILINE))
    assert granted == declared


def test_only_enabled_datasets_count() -> None:
    granted = re.findall(r"^grant '([\w.-]+)'", _script(["domains"]), flags=re.MULTILINE)
    assert granted == [p.name for p in collector("domains").permissions]
    with pytest.raises(NotFound):
        needed_permissions(["flights"])


def test_the_script_is_one() -> None:
    result = run_child(["bash", "-n"], input=_script(), text=True, capture_output=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_what_is_no_guid_never_reaches_the_shell() -> None:
    with pytest.raises(ValueError, match="not a GUID"):
        render_script("$(id)", {}, principal_id=PRINCIPAL, tenant=TENANT, authority="https://x")


def test_the_registration_offers_the_roles_that_the_code_knows() -> None:
    first, second = api_side(CLIENT), api_side(CLIENT)
    assert first == second
    roles = first["appRoles"]
    assert isinstance(roles, list)
    assert {role["value"] for role in roles} == set(APP_ROLES)
    assert json.dumps(command_line_side()).count("delegatedPermissionIds") == 1


def test_the_consent_link_names_tenant_and_app() -> None:
    link = consent_link("https://login.microsoftonline.com/", "contoso.com", CLIENT)
    assert link == (
        f"https://login.microsoftonline.com/contoso.com/adminconsent?client_id={CLIENT}"
    )
