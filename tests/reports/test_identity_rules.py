"""Rules of users, second factors and sign-ins, each on a handful of objects in real PostgreSQL."""

import pytest
from sqlalchemy import Engine

from tests.fixtures.seed import Object, collect
from tests.reports.answers import TENANT, days_ago, rows

pytestmark = pytest.mark.stack


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
