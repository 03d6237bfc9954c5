"""Rules of roles and Conditional Access, each on a handful of objects in real PostgreSQL."""

import pytest
from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack


def held(name: str, principal: str, kind: str, **more: object) -> Object:
    """One assignment or eligibility of the role "ga", for the whole tenant unless said otherwise."""
    return {
        "id": name,
        "principal_id": principal,
        "principal_type": f"#microsoft.graph.{kind}",
        "role_definition_id": "ga",
        "directory_scope_id": "/",
        **more,
    }


def test_roles_are_listed_per_holder_through_groups_too(engine: Engine) -> None:
    collect(engine, TENANT, "role_definitions", [{"id": "ga", "display_name": "Global Admin"}])
    unit = "/administrativeUnits/x"
    given = [
        held("1", "ann", "user"),
        held("2", "admins", "group", principal_display_name="Admins", directory_scope_id=unit),
        held(
            "3",
            "robot",
            "servicePrincipal",
            principal_display_name="Robot",
            role_definition_id="gone",
        ),
    ]
    collect(engine, TENANT, "role_assignments", given)
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
    shown = ("user_name", "admin_role", "access_rights", "via_group", "principal_type")
    assert {own: tuple(row[name] for name in shown) for own, row in found.items()} == {
        "1": ("Ann", "Global Admin", "tenant", None, "user"),
        "2/ben": ("Ben", "Global Admin", "administrative_unit", "Admins", "user"),
        "3": ("Robot", "gone", "tenant", None, "servicePrincipal"),
    }
    assert (found["1"]["mfa_status"], found["2/ben"]["status"]) == ("registered", "disabled")


def test_who_may_activate_a_role_is_listed_beside_who_holds_it(engine: Engine) -> None:
    collect(engine, TENANT, "role_definitions", [{"id": "ga", "display_name": "Global Admin"}])
    collect(engine, TENANT, "role_assignments", [held("1", "ann", "user")])
    until = days_ago(-30)
    eligible = [
        held("1-e", "ben", "user", started_at=days_ago(5), ends_at=until, member_type="Direct"),
        held("2-e", "admins", "group", started_at=days_ago(9), member_type="Direct"),
    ]
    collect(engine, TENANT, "role_eligibilities", eligible)
    member = {"id": "admins/cho", "group_id": "admins", "member_id": "cho"}
    collect(engine, TENANT, "groups", [{"id": "admins", "display_name": "Admins"}])
    collect(engine, TENANT, "members", [member])
    people: list[Object] = [
        {"id": name, "display_name": name.title(), "created_at": days_ago(1100)}
        for name in ("ann", "ben", "cho")
    ]
    collect(engine, TENANT, "users", people)
    activity: list[Object] = [
        {
            "id": "ann",
            "last_sign_in_at": days_ago(0.2),
            "last_successful_sign_in_at": days_ago(400),
        },
        {"id": "ben"},
    ]
    collect(engine, TENANT, "sign_in_activity", activity)
    found = rows(engine, "permission")
    shown = ("user_name", "held_as", "eligible_until", "inactive_days", "activity_status")
    assert {name: [row[column] for column in shown] for name, row in found.items()} == {
        "1": ["Ann", "active", None, 400, "stale"],
        "1-e": ["Ben", "eligible", until, 1100, "never_used"],
        "2-e/cho": ["Cho", "eligible", None, None, None],
    }
    assert found["1"]["last_used_at"] == activity[0]["last_successful_sign_in_at"]


def test_only_of_people_is_said_that_their_mfa_is_unknown(engine: Engine) -> None:
    kinds = ("user", "servicePrincipal", "group", "deviceTemplate")
    collect(engine, TENANT, "role_assignments", [held(kind, kind, kind) for kind in kinds])
    found = rows(engine, "permission", open_ended=("principal_type",))
    assert {name: row["mfa_status"] for name, row in found.items()} == {
        "user": "unknown",
        "servicePrincipal": None,
        "group": None,
        "deviceTemplate": None,
    }
    assert found["deviceTemplate"]["principal_type"] == "deviceTemplate"


@pytest.mark.parametrize(
    ("scope", "application", "shown"),
    [
        ("/", None, "tenant"),
        ("/administrativeUnits/81e10148-16a8-432a-b86d-ef620c3e48ef", None, "administrative_unit"),
        ("/81e10148-16a8-432a-b86d-ef620c3e48ef", None, "object"),
        ("/attributeSets/Engineering", None, "attribute_set"),
        ("/tomorrow/x", None, "/tomorrow/x"),
        (None, "/", "application"),
        (None, None, None),
    ],
)
def test_a_scope_of_a_kind_to_come_is_shown_as_it_is(
    engine: Engine, scope: str | None, application: str | None, shown: str | None
) -> None:
    given = {"id": "1", "directory_scope_id": scope, "app_scope_id": application}
    collect(engine, TENANT, "role_assignments", [given])
    found = rows(engine, "permission", open_ended=("access_rights",))
    assert found["1"]["access_rights"] == shown


EVERYONE: Object = {
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
ADMINS: Object = {
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


def test_policies_name_people_apps_and_controls(engine: Engine) -> None:
    collect(engine, TENANT, "users", [{"id": "u1", "display_name": "Ann"}])
    collect(engine, TENANT, "groups", [{"id": "g1", "display_name": "Sales"}])
    role = {"id": "r1", "template_id": "t1", "display_name": "Global Admin"}
    collect(engine, TENANT, "role_definitions", [role])
    collect(engine, TENANT, "conditional_access_policies", [EVERYONE, ADMINS])
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
