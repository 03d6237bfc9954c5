"""The security report: checks say nothing without data, and count what a person would count."""

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.tenant.secure_scores import Scores
from shared.catalog.security_checks import CHECKS
from shared.core import clock
from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.catalog.reports.simulated import SEEDS, Stored, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

OPEN_ENDED = ("security_item", "recommended_action")
GLOBAL = "62e90394-69f5-4237-9190-012177145e10"


def checks(engine: Engine) -> dict[str, dict[str, object]]:
    """The rows of the checks, by name."""
    found = rows(engine, "security", open_ended=OPEN_ENDED)
    return {key.removeprefix("check:"): row for key, row in found.items() if "check:" in key}


def counted(engine: Engine, name: str) -> tuple[object, object, object]:
    row = checks(engine)[name]
    return row["details"], row["compliance_rate_percent"], row["status"]


def person(
    name: str, kind: str | None = "Member", *, enabled: bool = True, **more: object
) -> Object:
    return {"id": name, "user_type": kind, "account_enabled": enabled, **more}


def test_without_any_data_each_check_is_there_and_says_nothing(engine: Engine) -> None:
    found = checks(engine)
    assert set(found) == set(CHECKS)
    for row in found.values():
        assert (row["status"], row["compliance_rate_percent"], row["risk_level"]) == (None,) * 3
        assert row["details"] is None
        assert row["last_check_at"] is None


def test_people_are_counted_while_their_accounts_are_enabled(engine: Engine) -> None:
    people = [
        person("a", last_password_change_at=days_ago(10)),
        person("b", last_password_change_at=days_ago(400)),
        person("unregistered"),
        person("blocked", enabled=False),
        person("guest", "Guest"),
        person("gone guest", "Guest"),
        person("untold", None),
    ]
    collect(engine, TENANT, "users", people)
    registered: list[Object] = [
        {"id": "a", "is_mfa_registered": True},
        {"id": "b", "is_mfa_registered": False},
        {"id": "blocked", "is_mfa_registered": False},
        {"id": "guest", "is_mfa_registered": False},
        {"id": "untold", "is_mfa_registered": False},
    ]
    collect(engine, TENANT, "user_registration_details", registered)
    activity: list[Object] = [
        {"id": "a", "last_successful_sign_in_at": days_ago(1)},
        {"id": "b", "last_successful_sign_in_at": None},
        {"id": "guest", "last_successful_sign_in_at": days_ago(89)},
        {"id": "gone guest", "last_successful_sign_in_at": days_ago(91)},
    ]
    collect(engine, TENANT, "sign_in_activity", activity)
    assert counted(engine, "mfa_members") == ("1 / 2", 50.0, "non_compliant")
    assert counted(engine, "password_age") == ("1 / 2", 50.0, "non_compliant")
    assert counted(engine, "member_sign_ins") == ("1 / 2", 50.0, "non_compliant")
    assert counted(engine, "guest_sign_ins") == ("1 / 2", 50.0, "non_compliant")
    assert checks(engine)["mfa_members"]["risk_level"] == "high"
    assert checks(engine)["mfa_members"]["last_check_at"] is not None


def test_role_holders_count_once_and_three_global_administrators_are_enough(
    engine: Engine,
) -> None:
    names = [str(n) for n in range(5)]
    collect(engine, TENANT, "users", [person(name) for name in names])
    registered = [{"id": name, "is_mfa_registered": name != "0"} for name in names]
    collect(engine, TENANT, "user_registration_details", registered)
    held = [
        {"id": f"g{name}", "principal_id": name, "role_definition_id": GLOBAL} for name in names[:4]
    ]
    other = [{"id": "r", "principal_id": "0", "role_definition_id": "reader"}]
    collect(engine, TENANT, "role_assignments", [*held, *other])
    assert counted(engine, "mfa_admins") == ("3 / 4", 75.0, "non_compliant")
    assert counted(engine, "global_admins") == ("3 / 4", 75.0, "non_compliant")
    eligible = [{"id": "e", "principal_id": "4", "role_definition_id": GLOBAL}]
    collect(engine, TENANT, "role_eligibilities", eligible)
    assert counted(engine, "global_admins") == ("3 / 5", 60.0, "non_compliant")


def _policy(name: str, state: str = "enabled", **parts: object) -> Object:
    conditions = {"users": {"includeUsers": ["All"]}, "clientAppTypes": ["all"]}
    return {"id": name, "state": state, "conditions": conditions, **parts}


MFA = {"builtInControls": ["mfa"], "operator": "OR"}
STRENGTH = {"builtInControls": [], "authenticationStrength": {"id": "x"}}


@pytest.mark.parametrize(
    ("policies", "status"),
    [
        ([_policy("a", "disabled", grant_controls=MFA)], None),
        ([_policy("a", grant_controls=MFA)], "compliant"),
        ([_policy("a", grant_controls=STRENGTH)], "compliant"),
        ([_policy("a", grant_controls={"builtInControls": ["compliantDevice"]})], "non_compliant"),
        (
            [_policy("a", "disabled", grant_controls=MFA), _policy("b", grant_controls=None)],
            "non_compliant",
        ),
        (
            [_policy("a", grant_controls=MFA, conditions={"users": {"includeUsers": ["x"]}})],
            "non_compliant",
        ),
    ],
)
def test_a_policy_that_is_on_for_everybody_demands_a_second_factor(
    engine: Engine, policies: list[Object], status: str | None
) -> None:
    collect(engine, TENANT, "conditional_access_policies", policies)
    assert checks(engine)["mfa_policy"]["status"] == status


def test_legacy_authentication_is_blocked_by_both_kinds_of_clients(engine: Engine) -> None:
    block = {"builtInControls": ["block"]}
    half = {"users": {"includeUsers": ["All"]}, "clientAppTypes": ["other"]}
    both = {**half, "clientAppTypes": ["exchangeActiveSync", "other"]}
    collect(
        engine, TENANT, "conditional_access_policies",
        [_policy("a", grant_controls=block, conditions=half)],
    )  # fmt: skip
    assert checks(engine)["legacy_authentication"]["status"] == "non_compliant"
    collect(
        engine, TENANT, "conditional_access_policies",
        [_policy("a", grant_controls=block, conditions=both)],
    )  # fmt: skip
    assert checks(engine)["legacy_authentication"]["status"] == "compliant"
    assert checks(engine)["legacy_authentication"]["risk_level"] == "low"


def test_risks_devices_alerts_and_the_tenants_policy(engine: Engine) -> None:
    states = ["atRisk", "dismissed", "remediated", "confirmedCompromised", "confirmedSafe"]
    users: list[Object] = [{"id": state, "risk_state": state} for state in states]
    collect(engine, TENANT, "risky_users", [*users, {**users[0], "id": "x", "is_deleted": True}])
    assert counted(engine, "risky_users") == ("3 / 5", 60.0, "non_compliant")
    kinds = [("compliant", True), ("compliant", True), ("noncompliant", False), ("unknown", True)]
    devices = [
        {"id": str(n), "compliance_state": state, "is_encrypted": encrypted}
        for n, (state, encrypted) in enumerate(kinds)
    ]
    collect(engine, TENANT, "managed_devices", devices)
    assert counted(engine, "device_compliance") == ("2 / 3", 66.67, "non_compliant")
    assert counted(engine, "device_encryption") == ("3 / 4", 75.0, "non_compliant")
    alerts = [
        {
            "id": "in time",
            "severity": "high",
            "created_at": days_ago(5),
            "resolved_at": days_ago(4.5),
        },
        {"id": "late", "severity": "high", "created_at": days_ago(5), "resolved_at": days_ago(1)},
        {"id": "open", "severity": "high", "created_at": days_ago(5), "resolved_at": None},
        {"id": "new", "severity": "high", "created_at": days_ago(0.5), "resolved_at": None},
        {"id": "old", "severity": "high", "created_at": days_ago(40), "resolved_at": None},
        {"id": "low", "severity": "low", "created_at": days_ago(5), "resolved_at": None},
    ]
    collect(engine, TENANT, "security_alerts", alerts)
    assert counted(engine, "high_alerts") == ("1 / 3", 33.33, "non_compliant")
    rights: dict[str, list[str]] = {"permissionGrantPoliciesAssigned": []}
    policy = {"id": "p", "allow_invites_from": "everyone", "default_user_role_permissions": rights}
    collect(engine, TENANT, "authorization_policy", [policy])
    assert counted(engine, "invitations") == ("0 / 1", 0.0, "non_compliant")
    assert counted(engine, "user_consent") == ("1 / 1", 100.0, "compliant")


def test_a_control_has_the_points_of_the_newest_score_and_html_is_read(engine: Engine) -> None:
    controls: list[Object] = [
        {
            "id": "a",
            "title": "A",
            "max_score": 10.0,
            "remediation": "<p>Do &amp; <b>see</b></p>\n<i>it</i>",
        },
        {"id": "b", "title": "B", "max_score": 4.0},
        {"id": "untold", "title": "C", "max_score": 5.0},
        {"id": "strange", "title": "D", "max_score": 5.0},
        {"id": "gone", "title": "E", "max_score": 5.0, "deprecated": True},
    ]
    collect(engine, TENANT, "secure_score_controls", controls)
    now = [
        {"controlName": "a", "score": 4.5},
        {"controlName": "b", "score": 4},
        {"controlName": "strange", "score": "many"},
    ]
    before = [{"controlName": "a", "score": 10.0}, {"controlName": "untold", "score": 5.0}]
    scores = [
        {"id": "new", "created_at": days_ago(1), "control_scores": now},
        {"id": "old", "created_at": days_ago(2), "control_scores": before},
    ]
    collect(engine, TENANT, "secure_scores", scores)
    found = rows(engine, "security", open_ended=OPEN_ENDED)
    told_of = {key: row for key, row in found.items() if key.startswith("control:")}
    assert set(told_of) == {"control:a", "control:b", "control:untold", "control:strange"}
    row = told_of["control:a"]
    assert (row["compliance_rate_percent"], row["status"]) == (45.0, "non_compliant")
    assert (row["risk_level"], row["details"]) == ("high", "4.5 / 10")
    assert row["recommended_action"] == "Do & see it"
    assert told_of["control:b"]["status"] == "compliant"
    for name in ("control:untold", "control:strange"):
        assert told_of[name]["compliance_rate_percent"] is None
        assert told_of[name]["risk_level"] is None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_simulated_tenants_figures_are_those_that_counting_gives(
    engine: Engine, seed: int
) -> None:
    tenant, stored = simulated(seed), Stored(engine)
    users, registrations = told(tenant, "users"), told(tenant, "registrations")
    scores = Scores(seed, tenant.people, tenant.anchor, tenant.tenant_id)
    days = list(scores.days(clock.now().timestamp()))
    controls = told(tenant, "secure_score_controls")
    for dataset, objects in (
        ("users", users),
        ("user_registration_details", registrations),
        ("secure_scores", days),
        ("secure_score_controls", controls),
    ):
        stored.keep(dataset, objects)
    found = rows(engine, "security", open_ended=OPEN_ENDED, tenant=stored.tenant_id)
    listed = {row["id"]: row["isMfaRegistered"] for row in registrations}
    members = [
        listed[user["id"]]
        for user in users
        if user["accountEnabled"] and user["userType"] == "Member" and user["id"] in listed
    ]
    assert found["check:mfa_members"]["details"] == f"{sum(members)} / {len(members)}"
    newest = max(days, key=lambda day: str(day["createdDateTime"]))
    for one in newest["controlScores"]:
        rate = found[f"control:{one['controlName']}"]["compliance_rate_percent"]
        assert rate == pytest.approx(one["scoreInPercentage"], abs=0.6)
