"""The weekly report: people per service against the week before, and what the tenant's week was."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.days import FILES, MAIL, TODAY, days
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

SERVICES = {"m365", "exchange", "onedrive", "sharepoint", "teams"}


def user(name: str, **used: int) -> Object:
    """A line of the file of TODAY or before: service -> days before the file's date of last use."""
    return {"id": name, **{f"{service}_last_activity_date": days for service, days in used.items()}}


def file(engine: Engine, day: date, *lines: Object) -> None:
    """Collect the usage file of a day."""
    dated = [
        {name: day - timedelta(days=x) if type(x) is int else x for name, x in line.items()}
        for line in lines
    ]
    collect(engine, TENANT, "active_users", dated, report_date=day)


def weekly(
    engine: Engine, as_of: datetime | None = None, **parameters: int
) -> dict[str, dict[str, object]]:
    """The rows by service, with the report's parameters given."""
    return asked(engine, "weekly", as_of, TENANT, **parameters)


def test_without_any_data_each_service_is_there_and_nothing_is_known(engine: Engine) -> None:
    found = rows(engine, "weekly")
    assert set(found) == SERVICES
    for row in found.values():
        assert row["weekly_active_users"] is None
        assert row["week_over_week_percent"] is None
        assert row["trend"] is None
        assert row["status"] is None
        assert row["mfa_rate_percent"] is None
        assert row["license_usage_percent"] is None
        assert row["new_user_count"] is None
        assert row["total_activity_count"] is None
        assert row["external_share_count"] is None


def test_who_used_a_service_in_the_week_counts_once_for_all_of_it(engine: Engine) -> None:
    file(
        engine,
        TODAY,
        user("a", exchange=0, teams=6),
        user("b", exchange=7),
        user("c", onedrive=3),
        user("d"),
        user("future", sharepoint=-2),
        {**user("gone", exchange=0), "is_deleted": True},
    )
    found = {name: row["weekly_active_users"] for name, row in rows(engine, "weekly").items()}
    assert found == {"m365": 2, "exchange": 1, "onedrive": 1, "sharepoint": 0, "teams": 1}


def test_a_date_still_to_come_hides_no_other_use(engine: Engine) -> None:
    file(engine, TODAY, {**user("a", teams=1), "exchange_last_activity_date": date(9999, 12, 31)})
    found = {name: row["weekly_active_users"] for name, row in rows(engine, "weekly").items()}
    assert found == {"m365": 1, "exchange": 0, "onedrive": 0, "sharepoint": 0, "teams": 1}


def test_the_change_is_against_the_file_of_a_week_before(engine: Engine) -> None:
    before = [user(str(n), exchange=0, teams=1) for n in range(4)]
    file(engine, TODAY - timedelta(days=7), *before, user("x", onedrive=1))
    file(engine, TODAY - timedelta(days=1), user("other", sharepoint=0))
    week = [user(str(n), exchange=0) for n in range(5)]
    file(engine, TODAY, *week, user("t", teams=2), user("x", onedrive=2), user("y", sharepoint=0))
    found = rows(engine, "weekly")
    change = {name: row["week_over_week_percent"] for name, row in found.items()}
    assert change["exchange"] == 25.0
    assert change["teams"] == -75.0
    assert change["onedrive"] == 0.0
    assert change["sharepoint"] is None, "a growth from nothing is no percentage"
    trend = {name: row["trend"] for name, row in found.items()}
    assert trend["exchange"] == "up"
    assert trend["teams"] == "down"
    assert trend["onedrive"] == "flat"
    assert trend["sharepoint"] is None
    assert {row["report_date"] for row in found.values()} == {TODAY}


def test_a_trend_begins_at_its_limit(engine: Engine) -> None:
    def used(**people: int) -> list[Object]:
        return [
            user(f"{service}{n}", **{service: 0})
            for service, count in people.items()
            for n in range(count)
        ]

    file(engine, TODAY - timedelta(days=7), *used(exchange=20, teams=20, onedrive=50))
    file(engine, TODAY, *used(exchange=21, teams=19, onedrive=52))
    trend = {name: row["trend"] for name, row in rows(engine, "weekly").items()}
    assert (trend["exchange"], trend["teams"], trend["onedrive"]) == ("up", "down", "flat")


def test_without_a_file_of_a_week_before_the_change_is_unknown(engine: Engine) -> None:
    file(engine, TODAY - timedelta(days=6), user("a", exchange=0))
    file(engine, TODAY, user("a", exchange=0))
    row = rows(engine, "weekly")["exchange"]
    assert row["weekly_active_users"] == 1
    assert row["week_over_week_percent"] is None


def test_the_period_is_a_parameter(engine: Engine) -> None:
    file(engine, TODAY - timedelta(days=14), user("a", exchange=0))
    file(engine, TODAY, user("a", exchange=0), user("b", exchange=13), user("c", exchange=14))
    assert weekly(engine)["exchange"]["weekly_active_users"] == 1
    row = weekly(engine, period=14)["exchange"]
    assert (row["weekly_active_users"], row["week_over_week_percent"]) == (2, 100.0)


def test_activities_are_those_of_the_last_days_without_counting_a_message_twice(
    engine: Engine,
) -> None:
    week = range(8)  # the eighth is the week before
    days(engine, "email_activity_counts", *week, **MAIL)
    days(engine, "onedrive_activity_counts", *week, **FILES)
    days(engine, "sharepoint_activity_counts", *week, **FILES)
    messages = {"team_chat_messages": 9, "post_messages": 3, "reply_messages": 6}
    rest = {"private_chat_messages": 4, "calls": 1, "meetings": 2, "meetings_attended": 2}
    days(engine, "teams_activity_counts", *week, **messages, **rest)
    found = weekly(engine)
    done = {name: row["total_activity_count"] for name, row in found.items()}
    assert done == {
        "exchange": 42,
        "onedrive": 126,
        "sharepoint": 126,
        "teams": 112,
        "m365": 406,
    }
    shared = {name: row["external_share_count"] for name, row in found.items()}
    assert shared == {
        "exchange": None,
        "onedrive": 7,
        "sharepoint": 7,
        "teams": None,
        "m365": 14,
    }
    assert weekly(engine, period=8)["exchange"]["total_activity_count"] == 48


def test_one_day_may_be_missing_and_no_more_are_guessed(engine: Engine) -> None:
    days(engine, "email_activity_counts", 0, 1, 2, 4, 5, 6, **MAIL)
    days(engine, "onedrive_activity_counts", 0, 1, 2, 4, 5, **FILES)
    days(engine, "sharepoint_activity_counts", 0, 1, 2, 3, 4, **FILES)
    days(engine, "sharepoint_activity_counts", 5, 6, **{**FILES, "synced": None})
    found = weekly(engine)
    done = {name: row["total_activity_count"] for name, row in found.items()}
    assert done == {
        "exchange": 36,
        "onedrive": None,
        "sharepoint": None,
        "teams": None,
        "m365": 36,
    }
    assert found["sharepoint"]["external_share_count"] == 7
    assert found["m365"]["external_share_count"] == 7


def test_new_users_are_those_created_in_the_period(engine: Engine) -> None:
    created = [{"id": str(days), "created_at": days_ago(days)} for days in (1, 6.5, 8, 20)]
    collect(engine, TENANT, "users", created)
    assert {row["new_user_count"] for row in weekly(engine).values()} == {2}
    assert {row["new_user_count"] for row in weekly(engine, period=10).values()} == {3}


def test_the_mfa_rate_is_of_enabled_members(engine: Engine) -> None:
    people = [
        ("a", True, "Member", True),
        ("b", True, "Member", False),
        ("c", True, "Member", False),
        ("blocked", False, "Member", False),
        ("guest", True, "Guest", False),
    ]
    users = [{"id": n, "account_enabled": on, "user_type": kind} for n, on, kind, _ in people]
    collect(engine, TENANT, "users", users)
    listed = [{"id": n, "is_mfa_registered": registered} for n, _, _, registered in people]
    collect(engine, TENANT, "user_registration_details", listed)
    assert {row["mfa_rate_percent"] for row in weekly(engine).values()} == {33.33}


def test_licences_count_while_they_are_enabled(engine: Engine) -> None:
    skus = [
        {"id": "a", "consumed_units": 30, "enabled_units": 40, "capability_status": "Enabled"},
        {"id": "b", "consumed_units": 0, "enabled_units": 20, "capability_status": "Enabled"},
        {"id": "c", "consumed_units": 9, "enabled_units": 9, "capability_status": "Suspended"},
    ]
    collect(engine, TENANT, "subscribed_skus", skus)
    assert {row["license_usage_percent"] for row in weekly(engine).values()} == {50.0}


@pytest.mark.parametrize(
    "strange",
    [
        {"consumed_units": None, "enabled_units": 100},
        {"consumed_units": 100, "enabled_units": None},
        {"consumed_units": -50, "enabled_units": 100},
        {"consumed_units": 50, "enabled_units": -100},
    ],
)
def test_a_licence_of_unknown_numbers_does_not_shift_the_rate(
    engine: Engine, strange: Object
) -> None:
    good = {"id": "a", "consumed_units": 30, "enabled_units": 40, "capability_status": "enabled"}
    odd = {"id": "b", "capability_status": "Enabled", **strange}
    collect(engine, TENANT, "subscribed_skus", [good, odd])
    assert {row["license_usage_percent"] for row in weekly(engine).values()} == {75.0}


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("serviceOperational", "normal"),
        ("serviceRestored", "normal"),
        ("falsePositive", "normal"),
        ("serviceDegradation", "warning"),
        ("somethingNew", "warning"),
        ("serviceInterruption", "abnormal"),
    ],
)
def test_the_state_is_that_of_the_service_and_the_worst_for_all(
    engine: Engine, told: str, state: str
) -> None:
    health = [
        {"id": "Exchange", "status": "serviceOperational"},
        {"id": "microsoftteams", "status": told},
    ]
    collect(engine, TENANT, "service_health", health)
    found = {name: row["status"] for name, row in rows(engine, "weekly").items()}
    assert found["exchange"] == "normal"
    assert found["teams"] == state
    assert found["m365"] == state
    assert found["onedrive"] is None, "Microsoft does not list it"


def test_the_week_of_a_past_instant_is_told_as_it_was_then(engine: Engine) -> None:
    file(engine, TODAY - timedelta(days=7), user("a", exchange=0))
    then = clock.now()
    file(engine, TODAY, user("a", exchange=0), user("b", exchange=0))
    assert weekly(engine)["exchange"]["weekly_active_users"] == 2
    row = weekly(engine, as_of=then)["exchange"]
    assert row["weekly_active_users"] == 1
    assert row["report_date"] == TODAY - timedelta(days=7)


def test_its_needs_follow_from_what_it_reads() -> None:
    assert set(registry.report("weekly").needs) == {
        "service_health",
        "active_users",
        "user_registration_details",
        "users",
        "subscribed_skus",
        "email_activity_counts",
        "onedrive_activity_counts",
        "sharepoint_activity_counts",
        "teams_activity_counts",
    }
