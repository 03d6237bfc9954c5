"""The business rules of the reports, each on a handful of objects in real PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.query import Order, ReportQuery
from shared.store.reports import Reports
from shared.store.tenants import Tenants
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

TENANT = UUID("11111111-1111-1111-1111-111111111111")
GIB = 1024**3


@pytest.fixture
def engine(app_engine: Engine) -> Engine:
    Tenants(app_engine).add(TENANT, "Contoso")
    return app_engine


def rows(engine: Engine, key: str) -> dict[str, dict[str, object]]:
    """Every row of the report by its id."""
    report = registry.report(key)
    columns = tuple(column.id for column in report.columns)
    order = tuple(Order(name) for name in report.row_key)
    question = ReportQuery(as_of=None, columns=columns, order=order, top=1000)
    with Reports(engine).snapshot(TENANT) as snapshot:
        page = snapshot.page(report, question)
    found = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    for column in report.columns:
        if column.unavailable is not None:
            assert {row[column.id] for row in found} == {None}
        if column.labels and column.id != "error":
            words = {row[column.id] for row in found} - {None}
            assert words <= set(column.labels), column.id
    return {str(row["id"]): row for row in found}


def days_ago(days: float) -> datetime:
    return clock.now() - timedelta(days=days)


def test_users_are_judged_by_last_use_and_password_age(engine: Engine) -> None:
    def user(name: str, created: float, password: float) -> Object:
        return {
            "id": name,
            "display_name": name,
            "account_enabled": name != "gone",
            "assigned_licenses": [{"skuId": "s"}] if name == "busy" else [],
            "created_at": days_ago(created),
            "last_password_change_at": days_ago(password),
        }

    collect(
        engine,
        TENANT,
        "users",
        [user("busy", 900, 10), user("idle", 900, 200), user("gone", 900, 400), user("new", 5, 5)],
    )
    collect(
        engine,
        TENANT,
        "sign_in_activity",
        [
            {"id": "busy", "last_sign_in_at": days_ago(3)},
            {
                "id": "idle",
                "last_sign_in_at": days_ago(400),
                "last_non_interactive_sign_in_at": days_ago(100),
            },
        ],
    )
    found = rows(engine, "users")
    assert [found["busy"][name] for name in ("inactive_days", "activity_status")] == [3, "normal"]
    assert [found["idle"][name] for name in ("inactive_days", "activity_status")] == [100, "review"]
    assert [found["gone"][name] for name in ("inactive_days", "activity_status")] == [None, None]
    assert found["new"]["activity_status"] == "normal"
    assert [found[name]["risk_level"] for name in ("busy", "idle", "gone")] == [
        "low",
        "medium",
        "high",
    ]
    assert found["idle"]["password_status"] == "stale"
    assert [found[name]["account_status"] for name in ("busy", "gone")] == ["enabled", "disabled"]
    assert [found[name]["license_status"] for name in ("busy", "new")] == ["licensed", "unlicensed"]


def test_mfa_names_the_strongest_factor_and_rates_the_number(engine: Engine) -> None:
    def person(name: str, *methods: str) -> Object:
        return {
            "id": name,
            "is_mfa_registered": len(methods) > 0 and methods != ("email",),
            "methods_registered": list(methods),
        }

    collect(
        engine,
        TENANT,
        "user_registration_details",
        [
            person("none"),
            person("mail", "email"),
            person("phone", "mobilePhone", "email"),
            person("strong", "mobilePhone", "microsoftAuthenticatorPush", "fido2SecurityKey"),
        ],
    )
    collect(engine, TENANT, "users", [{"id": "strong", "mail": "s@x.example"}])
    found = rows(engine, "mfa")
    assert {name: row["risk_level"] for name, row in found.items()} == {
        "none": "high",
        "mail": "high",
        "phone": "medium",
        "strong": "low",
    }
    strong = found["strong"]
    assert strong["authentication_method"] == "fido2SecurityKey"
    assert strong["fallback_method"] == "microsoftAuthenticatorPush"
    assert strong["method_count"] == 3
    assert strong["email"] == "s@x.example"
    assert [found[name]["rating"] for name in ("none", "phone", "strong")] == [
        "dangerous",
        "good",
        "excellent",
    ]
    assert found["mail"]["compliance"] == "non_compliant"
    assert found["phone"]["fallback_method"] is None


def test_licences_have_names_rates_and_expiry(engine: Engine) -> None:
    def sku(name: str, part: str, used: int, bought: int) -> Object:
        return {
            "id": name,
            "sku_id": f"sku-{name}",
            "sku_part_number": part,
            "consumed_units": used,
            "enabled_units": bought,
        }

    end = datetime(2027, 4, 1, tzinfo=UTC)
    collect(
        engine,
        TENANT,
        "subscribed_skus",
        [
            sku("a", "SPE_E3", 96, 100),
            sku("b", "UNHEARD_OF", 30, 100),
            sku("c", "SPE_E5", 12, 10),
            sku("d", "FLOW_FREE", 0, 0),
        ],
    )
    collect(
        engine,
        TENANT,
        "subscriptions",
        [
            {"id": "1", "sku_id": "sku-a", "next_lifecycle_at": end + timedelta(days=9)},
            {"id": "2", "sku_id": "sku-a", "next_lifecycle_at": end},
        ],
    )
    found = rows(engine, "license")
    assert [found["a"][name] for name in ("license_name", "usage_rate", "status")] == [
        "Microsoft 365 E3",
        96.0,
        "full",
    ]
    assert found["a"]["expires_at"] == end
    assert found["a"]["review_recommended"] is False
    assert [found["b"][name] for name in ("license_name", "available_quantity", "status")] == [
        "UNHEARD_OF",
        70,
        "low",
    ]
    assert found["b"]["review_recommended"] is True
    assert [found["c"][name] for name in ("available_quantity", "over_assigned_quantity")] == [0, 2]
    assert found["d"]["usage_rate"] is None


def test_mailboxes_warn_at_80_and_95_percent_and_leave_deleted_ones_out(engine: Engine) -> None:
    def box(name: str, used: int, *, deleted: bool = False) -> Object:
        return {
            "id": name,
            "is_deleted": deleted,
            "storage_used_bytes": used * GIB,
            "prohibit_send_receive_quota_bytes": 100 * GIB,
            "deleted_item_count": 10_001,
        }

    day = clock.now().date() - timedelta(days=2)
    boxes = [box("a", 79), box("b", 80), box("c", 95), box("gone", 1, deleted=True)]
    collect(engine, TENANT, "mailbox_usage", boxes, report_date=day)
    found = rows(engine, "mailbox")
    states = {name: row["status"] for name, row in found.items()}
    assert states == {"a": "normal", "b": "warning", "c": "full"}
    assert found["a"]["storage_used_mb"] == 79 * 1024
    assert found["a"]["purge_recommended"] is True
    assert found["a"]["report_date"] == day


def test_drives_want_attention_at_75_and_90_percent_and_know_their_owner(engine: Engine) -> None:
    def drive(name: str, used: int) -> Object:
        return {
            "id": name,
            "owner_principal_name": f"{name}@x.example",
            "storage_used_bytes": used * GIB,
            "storage_allocated_bytes": 100 * GIB,
        }

    day = clock.now().date() - timedelta(days=2)
    drives = [drive("a", 74), drive("b", 75), drive("c", 90)]
    collect(engine, TENANT, "onedrive_usage", drives, report_date=day)
    owner = {
        "id": "u",
        "user_principal_name": "b@x.example",
        "department": "営業部",
        "assigned_licenses": [{"skuId": "1"}, {"skuId": "2"}],
    }
    collect(engine, TENANT, "users", [owner])
    sku = {"id": "t_1", "sku_id": "1", "sku_part_number": "SPE_E3"}
    collect(engine, TENANT, "subscribed_skus", [sku])
    found = rows(engine, "storage")
    states = {name: row["status"] for name, row in found.items()}
    assert states == {"a": "normal", "b": "attention", "c": "full"}
    assert found["b"]["department"] == "営業部"
    assert found["b"]["licenses"] == "SPE_E3, 2"
    assert found["b"]["storage_left_gb"] == 25.0
    assert found["a"]["department"] is None


def test_teams_use_is_levelled_by_the_number_of_actions(engine: Engine) -> None:
    day = date(2026, 11, 1)

    def person(name: str, chats: int, last: date | None) -> Object:
        return {
            "id": name,
            "user_id": name,
            "last_activity_date": last,
            "team_chat_message_count": 0,
            "private_chat_message_count": chats,
            "call_count": 0,
            "meeting_count": 0,
        }

    people = [
        person("high", 100, day),
        person("medium", 20, day),
        person("low", 1, day - timedelta(days=31)),
        person("none", 0, None),
    ]
    collect(engine, TENANT, "teams_user_activity", people, report_date=day)
    collect(engine, TENANT, "users", [{"id": "high", "display_name": "高橋"}])
    found = rows(engine, "teams")
    assert {name: row["usage_level"] for name, row in found.items()} == {
        "high": "high",
        "medium": "medium",
        "low": "low",
        "none": "none",
    }
    assert found["high"]["user_name"] == "高橋"
    states = [found[name]["status"] for name in ("high", "low", "none")]
    assert states == ["active", "inactive", "inactive"]


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


def test_sign_ins_have_a_result_and_an_mfa_verdict(engine: Engine) -> None:
    def sign_in(name: str, code: int, *policies: object) -> Object:
        return {
            "id": name,
            "created_at": days_ago(1),
            "error_code": code,
            "failure_reason": "Other.",
            "city": "Osaka",
            "country": "JP",
            "applied_policies": list(policies),
        }

    passed = {"result": "success", "enforcedGrantControls": ["Mfa"]}
    failed = {"result": "failure", "enforcedGrantControls": ["mfa"]}
    other = {"result": "success", "enforcedGrantControls": ["compliantDevice"]}
    sign_ins = [
        sign_in("ok", 0, other, passed),
        sign_in("asked", 50074, failed),
        sign_in("wrong", 50126, other),
    ]
    collect(engine, TENANT, "sign_ins", sign_ins)
    found = rows(engine, "signin")
    assert {name: (row["result"], row["mfa"], row["error"]) for name, row in found.items()} == {
        "ok": ("success", "passed", None),
        "asked": ("interrupted", "failed", "50074"),
        "wrong": ("failure", None, "50126"),
    }
    assert found["ok"]["location"] == "Osaka, JP"
    assert found["ok"]["failure_reason"] is None
