"""Reports over objects as no sample shows them: times to come, negative numbers, other shapes.

What cannot be is unknown; no row contradicts itself, and no object ends the report for all.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports
from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

NEVER_ENDS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "days", "status"),
    [
        (NEVER_ENDS, None, None),
        (days_ago(-400), None, None),
        (days_ago(-0.5), 0, "normal"),
        (days_ago(400), 400, "stale"),
    ],
    ids=["never_ends", "next_year", "clocks_differ", "past"],
)
def test_what_lies_ahead_has_no_age(
    engine: Engine, at: datetime, days: int | None, status: str | None
) -> None:
    person = {"id": "a", "created_at": days_ago(1100), "last_password_change_at": at}
    collect(engine, TENANT, "users", [person])
    collect(engine, TENANT, "sign_in_activity", [{"id": "a", "last_successful_sign_in_at": at}])
    row = rows(engine, "users")["a"]
    assert (row["inactive_days"], row["activity_status"]) == (days, status)
    assert (row["password_age_days"], row["password_status"]) == (days, status)
    assert row["risk_level"] == {None: None, 0: "low", 400: "high"}[days]


@pytest.mark.parametrize("licences", [None, {"a": 1}, "x", 0, True])
def test_licences_that_are_no_list_are_unknown(engine: Engine, licences: object) -> None:
    people: list[Object] = [
        {"id": "a", "assigned_licenses": licences},
        {"id": "b", "assigned_licenses": []},
    ]
    collect(engine, TENANT, "users", people)
    found = rows(engine, "users")
    assert [found[own]["license_status"] for own in "ab"] == [None, "unlicensed"]


def test_no_row_about_licences_contradicts_itself(engine: Engine) -> None:
    numbers = product([None, 0, -1, 10], [None, 0, -5, 100], [None, 0, -3, 50])
    skus: list[Object] = [
        {
            "id": str(number),
            "sku_id": str(number),
            "sku_part_number": "X",
            "enabled_units": enabled,
            "warning_units": warning,
            "consumed_units": consumed,
        }
        for number, (enabled, warning, consumed) in enumerate(numbers)
    ]
    collect(engine, TENANT, "subscribed_skus", skus)
    found = rows(engine, "license")
    assert len(found) == 64
    for sku in skus:
        row = found[str(sku["id"])]
        told = [sku[name] for name in ("enabled_units", "warning_units")]
        known = [units for units in told if isinstance(units, int) and units >= 0]
        usable = sum(known) if known else None
        used = sku["consumed_units"]
        assert row["purchased_quantity"] == usable
        if usable is None or not isinstance(used, int) or used < 0:
            derived = ("available_quantity", "over_assigned_quantity", "usage_rate", "status")
            assert [row[name] for name in derived] == [None] * 4
            continue
        assert row["available_quantity"] == max(usable - used, 0)
        assert row["over_assigned_quantity"] == max(used - usable, 0)
        assert row["usage_rate"] == (round(100 * used / usable, 2) if usable else None)


def test_a_state_in_other_letters_is_that_state(engine: Engine) -> None:
    collect(engine, TENANT, "subscribed_skus", [{"id": "1", "sku_id": "s"}])
    bought = [
        {"id": state, "sku_id": "s", "status": state, "next_lifecycle_at": days_ago(-days)}
        for state, days in {"suspended": 5, "DELETED": 6, "lockedOut": 7, "enabled": 90}.items()
    ]
    collect(engine, TENANT, "subscriptions", bought)
    assert rows(engine, "license")["1"]["expires_at"] == bought[-1]["next_lifecycle_at"]


@pytest.mark.parametrize("used", [None, 0, -1, 5, 2**62])
@pytest.mark.parametrize("quota", [None, 0, -1, 10, 2**62])
def test_sizes_that_cannot_be_give_no_share(
    engine: Engine, used: int | None, quota: int | None
) -> None:
    day = clock.now().date() - timedelta(days=2)
    box = {"id": "a", "storage_used_bytes": used, "prohibit_send_receive_quota_bytes": quota}
    drive = {"id": "a", "storage_used_bytes": used, "storage_allocated_bytes": quota}
    collect(engine, TENANT, "mailbox_usage", [box], report_date=day)
    collect(engine, TENANT, "onedrive_usage", [drive], report_date=day)
    known = used is not None and quota is not None and used >= 0 and quota >= 0
    for key in ("mailbox", "storage"):
        row = rows(engine, key)["a"]
        assert (row["usage_rate"] is None) == (not known or quota == 0), key
        assert (row["status"] is None) == (row["usage_rate"] is None), key
    assert (rows(engine, "storage")["a"]["storage_left_gb"] is None) == (not known)


@pytest.mark.parametrize(
    ("last", "count", "status"),
    [
        (None, None, None),
        (None, 0, "inactive"),
        (None, 500, "active"),
        (date(9999, 12, 31), None, None),
        (date(9999, 12, 31), 0, "inactive"),
        (date(9999, 12, 31), 500, "active"),
    ],
)
def test_counts_tell_of_activity_where_no_date_does(
    engine: Engine, last: date | None, count: int | None, status: str | None
) -> None:
    person = {
        "id": "a",
        "last_activity_date": last,
        "team_chat_message_count": count,
        "private_chat_message_count": 0,
        "call_count": 0,
        "meeting_count": 0,
    }
    day = clock.now().date() - timedelta(days=2)
    collect(engine, TENANT, "teams_user_activity", [person], report_date=day)
    assert rows(engine, "teams")["a"]["status"] == status


@pytest.mark.parametrize("told", ["#microsoft.graph.user", "microsoft.graph.user", "user", None])
def test_a_person_with_a_role_is_one_however_the_type_is_told(
    engine: Engine, told: str | None
) -> None:
    held = {
        "id": "h",
        "principal_id": "u",
        "principal_type": told,
        "directory_scope_id": "/AdministrativeUnits/x",
    }
    collect(engine, TENANT, "role_assignments", [held])
    collect(engine, TENANT, "users", [{"id": "u"}])
    row = rows(engine, "permission")["h"]
    assert (row["principal_type"], row["mfa_status"]) == ("user", "unknown")
    assert row["access_rights"] == "administrative_unit"


def test_a_drive_is_there_once_while_two_accounts_have_its_owners_name(engine: Engine) -> None:
    day = clock.now().date() - timedelta(days=2)
    drive = {"id": "d", "owner_principal_name": "Ann@x.example"}
    collect(engine, TENANT, "onedrive_usage", [drive], report_date=day)
    names = {"2": "ann@x.example", "1": "ANN@x.example", "3": "ann@X.example"}
    people: list[Object] = [
        {"id": own, "user_principal_name": name, "department": own} for own, name in names.items()
    ]
    collect(engine, TENANT, "users", people)
    with Reports(engine).snapshot(TENANT) as snapshot:
        columns = ("id", "department")
        question = ReportQuery(as_of=None, columns=columns, order=(Order("id"),))
        assert snapshot.page(registry.report("storage"), question).rows == [("d", "1")]
