"""Rules of users, second factors and sign-ins, each on a handful of objects in real PostgreSQL."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

REGISTERED: list[object] = ["registered", "compliant"]
NOT_REGISTERED: list[object] = ["not_registered", "non_compliant", 0, "high", "dangerous"]


def mfa(engine: Engine) -> dict[str, dict[str, object]]:
    """The rows of the report; a method that Microsoft adds tomorrow has no word yet."""
    return rows(engine, "mfa", open_ended=("authentication_method", "fallback_method"))


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
            {"id": "busy", "last_successful_sign_in_at": days_ago(3)},
            {"id": "idle", "last_successful_sign_in_at": days_ago(100)},
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


def activity_of(engine: Engine, created: float | None, signed: Object | None) -> list[object]:
    """How the report judges one account of that age, in days, with that sign-in activity."""
    at = None if created is None else days_ago(created)
    collect(engine, TENANT, "users", [{"id": "a", "display_name": "A", "created_at": at}])
    rows_of_activity = [] if signed is None else [{"id": "a", **signed}]
    collect(engine, TENANT, "sign_in_activity", rows_of_activity)
    account = rows(engine, "users")["a"]
    return [account[name] for name in ("inactive_days", "activity_status")]


def attempts(interactive: float, background: float | None = None) -> Object:
    last = None if background is None else days_ago(background)
    return {
        "last_sign_in_at": days_ago(interactive),
        "last_non_interactive_sign_in_at": last,
    }


@pytest.mark.parametrize("success", [2, 100, 400])
@pytest.mark.parametrize("tried", [{}, attempts(0.2, 400), attempts(0.2, 0.2), attempts(900, 900)])
def test_only_a_successful_sign_in_is_use(engine: Engine, success: float, tried: Object) -> None:
    signed = {**tried, "last_successful_sign_in_at": days_ago(success)}
    state = {2: "normal", 100: "review", 400: "stale"}[int(success)]
    assert activity_of(engine, 1500, signed) == [success, state]


@pytest.mark.parametrize("tried", [{}, attempts(0.2), attempts(0.2, 3)])
def test_an_account_without_any_success_is_found_by_its_age(engine: Engine, tried: Object) -> None:
    assert activity_of(engine, 1100, tried) == [1100, "never_used"]
    assert activity_of(engine, 40, tried) == [40, "never_used"]
    assert activity_of(engine, 5, tried) == [5, "normal"]
    assert activity_of(engine, None, tried) == [None, "never_used"]


def test_before_successes_were_recorded_an_attempt_stands_for_one(engine: Engine) -> None:
    since = (clock.now() - datetime(2023, 12, 1, tzinfo=UTC)).days
    tried = attempts(since + 200, since + 100)
    assert activity_of(engine, since + 900, tried) == [since + 100, "stale"]
    tried = attempts(since + 200, 1)
    assert activity_of(engine, since + 900, tried) == [since + 200, "stale"]


def test_an_account_whose_activity_was_not_read_is_unknown(engine: Engine) -> None:
    assert activity_of(engine, 1100, None) == [None, None]
    assert activity_of(engine, 5, None) == [None, "normal"]


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


@pytest.mark.parametrize(
    ("registered", "methods", "expected"),
    [
        # Expected: status and compliance, number of factors, risk and rating, strongest, fallback.
        (True, ["passKeySynced"], [*REGISTERED, 1, "medium", "good", "passKeySynced", None]),
        (True, ["tomorrowsKey"], [*REGISTERED, None, None, None, "tomorrowsKey", None]),
        (
            True,
            ["aKey", "mobilePhone"],
            [*REGISTERED, None, None, None, "mobilePhone", "aKey"],
        ),
        (
            True,
            ["mobilePhone", "tomorrowsKey", "fido2"],
            [*REGISTERED, None, "low", "excellent", "fido2", "mobilePhone"],
        ),
        (True, ["email"], [*REGISTERED, *[None] * 5]),
        (True, [], [*REGISTERED, *[None] * 5]),
        (True, None, [*REGISTERED, *[None] * 5]),
        (
            True,
            ["mobilePhone", "mobilePhone"],
            [*REGISTERED, 1, "medium", "good", "mobilePhone", None],
        ),
        (False, ["mobilePhone", "tomorrowsKey"], [*NOT_REGISTERED, None, None]),
        (False, None, [*NOT_REGISTERED, None, None]),
        (None, ["fido2", "mobilePhone"], ["unknown", *[None] * 4, "fido2", "mobilePhone"]),
        (None, None, ["unknown", *[None] * 6]),
    ],
)
def test_no_row_about_mfa_contradicts_itself(
    engine: Engine, registered: bool | None, methods: list[str] | None, expected: list[object]
) -> None:
    person = {"id": "a", "is_mfa_registered": registered, "methods_registered": methods}
    collect(engine, TENANT, "user_registration_details", [person])
    row = mfa(engine)["a"]
    shown = ("mfa_status", "compliance", "method_count", "risk_level", "rating")
    named = ("authentication_method", "fallback_method")
    assert [row[name] for name in (*shown, *named)] == expected


def test_every_account_has_a_row_about_mfa_the_registered_without_account_too(
    engine: Engine,
) -> None:
    accounts: list[Object] = [
        {"id": "listed", "display_name": "Ann", "account_enabled": True, "mail": "a@x.example"},
        {"id": "blocked", "display_name": "Ben", "account_enabled": False},
        {"id": "missing", "display_name": "Cho", "account_enabled": True, "user_type": "Guest"},
    ]
    collect(engine, TENANT, "users", accounts)
    assert {name: row["mfa_status"] for name, row in mfa(engine).items()} == dict.fromkeys(
        ("listed", "blocked", "missing"), "unknown"
    )
    details: list[Object] = [
        {"id": "listed", "is_mfa_registered": True, "methods_registered": ["fido2"]},
        {"id": "blocked", "is_mfa_registered": False, "methods_registered": []},
        {"id": "left", "display_name": "Dan", "is_mfa_registered": False, "user_type": "member"},
    ]
    collect(engine, TENANT, "user_registration_details", details)
    shown = ("user_name", "account_status", "mfa_status", "compliance", "risk_level", "rating")
    found = {name: [row[column] for column in shown] for name, row in mfa(engine).items()}
    assert found == {
        "listed": ["Ann", "enabled", "registered", "compliant", "medium", "good"],
        "blocked": ["Ben", "disabled", "not_registered", "non_compliant", "high", "dangerous"],
        "missing": ["Cho", "enabled", "unknown", None, None, None],
        "left": ["Dan", None, "not_registered", "non_compliant", "high", "dangerous"],
    }
    assert mfa(engine)["missing"]["user_type"] == "guest"


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (0, "success"),
        *((code, "interrupted") for code in (50055, 50058, 50072, 50074, 50076, 50078, 50079)),
        *((code, "interrupted") for code in (50097, 50125, 50127, 50129, 50140, 50143, 50158)),
        *((code, "interrupted") for code in (50168, 50199, 16000, 65001, 51006, 81012)),
        *((code, "failure") for code in (50126, 50053, 50057, 53000, 53003, 530032, 500121, 7)),
        (None, None),
    ],
)
def test_an_interrupt_is_no_failure(engine: Engine, code: int | None, result: str | None) -> None:
    event = {"id": "a", "created_at": days_ago(1), "error_code": code}
    collect(engine, TENANT, "sign_ins", [event])
    assert rows(engine, "signin")["a"]["result"] == result


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
