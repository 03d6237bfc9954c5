"""Rules of roles and Conditional Access, each on a handful of objects in real PostgreSQL."""

import pytest
from sqlalchemy import Engine

from tests.fixtures.seed import Object, collect
from tests.reports.answers import TENANT, rows

pytestmark = pytest.mark.stack


def test_roles_are_listed_per_holder_through_groups_too(engine: Engine) -> None:
    collect(engine, TENANT, "role_definitions", [{"id": "ga", "display_name": "Global Admin"}])
    collect(
        engine,
        TENANT,
        "role_assignments",
        [
            {
                "id": "1",
                "principal_id": "ann",
                "principal_type": "#microsoft.graph.user",
                "role_definition_id": "ga",
                "directory_scope_id": "/",
            },
            {
                "id": "2",
                "principal_id": "admins",
                "principal_type": "#microsoft.graph.group",
                "principal_display_name": "Admins",
                "role_definition_id": "ga",
                "directory_scope_id": "/administrativeUnits/x",
            },
            {
                "id": "3",
                "principal_id": "robot",
                "principal_type": "#microsoft.graph.servicePrincipal",
                "principal_display_name": "Robot",
                "role_definition_id": "gone",
                "directory_scope_id": "/",
            },
        ],
    )
    collect(engine, TENANT, "groups", [{"id": "admins", "display_name": "Admins"}])
    member = {
        "id": "admins/ben",
        "group_id": "admins",
        "member_id": "ben",
        "member_type": "#microsoft.graph.user",
    }
    collect(engine, TENANT, "members", [member])
    people: list[Object] = [
        {"id": "ann", "display_name": "Ann", "account_enabled": True},
        {"id": "ben", "display_name": "Ben", "account_enabled": False},
    ]
    collect(engine, TENANT, "users", people)
    registered = {"id": "ann", "is_mfa_registered": True}
    collect(engine, TENANT, "user_registration_details", [registered])
    found = rows(engine, "permission")
    assert set(found) == {"1", "2/ben", "3"}
    assert [found["1"][name] for name in ("user_name", "access_rights", "mfa_status")] == [
        "Ann",
        "tenant",
        "registered",
    ]
    ben = found["2/ben"]
    assert [ben[name] for name in ("user_name", "via_group", "status", "access_rights")] == [
        "Ben",
        "Admins",
        "disabled",
        "administrative_unit",
    ]
    robot = found["3"]
    assert [robot[name] for name in ("user_name", "admin_role", "principal_type")] == [
        "Robot",
        "gone",
        "servicePrincipal",
    ]


def test_policies_name_people_apps_and_controls(engine: Engine) -> None:
    collect(engine, TENANT, "users", [{"id": "u1", "display_name": "Ann"}])
    collect(engine, TENANT, "groups", [{"id": "g1", "display_name": "Sales"}])
    role = {"id": "r1", "template_id": "t1", "display_name": "Global Admin"}
    collect(engine, TENANT, "role_definitions", [role])
    everyone = {
        "id": "all",
        "display_name": "MFA for all",
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"], "excludeGroups": ["g1"], "excludeUsers": None},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
            "signInRiskLevels": ["high", "medium"],
            "locations": None,
        },
        "grant_controls": {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]},
        "session_controls": {"signInFrequency": {"value": 1}, "persistentBrowser": None},
    }
    some = {
        "id": "some",
        "display_name": "Admins",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "users": {"includeUsers": ["u1", "lost"], "includeRoles": ["t1"]},
            "applications": {"includeApplications": ["app1", "app2"]},
            "platforms": {"includePlatforms": ["iOS"]},
        },
        "grant_controls": None,
    }
    collect(engine, TENANT, "conditional_access_policies", [everyone, some])
    found = rows(engine, "conditional")
    policy = found["all"]
    assert policy["target_users"] == "All"
    assert policy["excluded_users"] == "Sales"
    assert policy["access_controls"] == "mfa, compliantDevice, signInFrequency"
    assert policy["conditions"] == "clientAppTypes: all"
    assert policy["risk_level"] == "high, medium"
    assert policy["application_count"] is None
    admins = found["some"]
    assert sorted(str(admins["target_users"]).split(", ")) == ["Ann", "Global Admin", "lost"]
    assert admins["application_count"] == 2
    assert admins["conditions"] == "includePlatforms: iOS"
    assert admins["access_controls"] is None
