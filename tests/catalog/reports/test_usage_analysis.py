"""The usage and the monthly report: licensed people who use a service, what they did, what it stores."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.days import FILES, MAIL, TODAY, days
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

GIB = 1024**3


def user(name: str, **used: int | None) -> Object:
    """A line of TODAY's file: a service with a licence -> days since its last use, None for never."""
    line: dict[str, object] = {"id": name, "user_principal_name": f"{name}@x.example"}
    for service, ago in used.items():
        line[f"has_{service}_license"] = True
        day = None if ago is None else TODAY - timedelta(days=ago)
        line[f"{service}_last_activity_date"] = day
    return line


def test_use_is_that_of_the_licensed_in_thirty_days(engine: Engine) -> None:
    last = {"teams_last_activity_date": TODAY, "has_teams_license": False}
    lines = [
        user("a", exchange=0, teams=29),
        user("b", exchange=30, teams=None),
        user("c", exchange=29, onedrive=400),
        user("future", exchange=-2),
        {**user("gone", exchange=0), "is_deleted": True},
        {**user("unlicensed"), **last},
    ]
    collect(engine, TENANT, "active_users", lines, report_date=TODAY)
    found = rows(engine, "usage")
    names = ("total_users", "active_users", "inactive_users", "usage_rate", "active_30_days")
    figures = {name: [row[one] for one in names] for name, row in found.items()}
    assert figures == {
        "m365": [4, 2, 2, 50.0, 2],
        "exchange": [4, 2, 2, 50.0, 2],
        "onedrive": [1, 0, 1, 0.0, 0],
        "sharepoint": [0, 0, 0, None, 0],
        "teams": [2, 1, 1, 50.0, 1],
        "apps": [None, None, None, None, None],
    }
    lasts = {name: row["last_access_date"] for name, row in found.items()}
    assert lasts["exchange"] == lasts["m365"] == TODAY
    assert lasts["onedrive"] == TODAY - timedelta(days=400)
    assert lasts["sharepoint"] is lasts["apps"] is None
    states = {name: row["status"] for name, row in found.items()}
    assert states["exchange"] == "medium"
    assert states["onedrive"] == "low"
    assert states["sharepoint"] is None
    found = asked(engine, "usage", serviceHighPercent=50, serviceFullPercent=51)
    assert found["exchange"]["status"] == "high"


def test_whoever_has_any_of_the_licences_counts_for_the_whole(engine: Engine) -> None:
    lines = [user("a", exchange=40), user("t", teams=5), user("s", sharepoint=None)]
    collect(engine, TENANT, "active_users", lines, report_date=TODAY)
    row = rows(engine, "usage")["m365"]
    assert [row[name] for name in ("total_users", "active_users", "last_access_date")] == [
        3,
        1,
        TODAY - timedelta(days=5),
    ]


def test_apps_are_counted_by_their_own_report(engine: Engine) -> None:
    lines = [
        {"id": str(days), "last_activity_date": TODAY - timedelta(days=days)}
        for days in (0, 29, 30, 60)
    ]
    collect(engine, TENANT, "m365_app_usage", lines, report_date=TODAY)
    found = rows(engine, "usage")["apps"]
    assert [found[name] for name in ("total_users", "active_users", "report_date")] == [4, 2, TODAY]
    assert found["monthly_activity_count"] is None


def test_activities_of_a_month_are_thirty_days(engine: Engine) -> None:
    days(engine, "email_activity_counts", *range(31), **MAIL)
    days(engine, "onedrive_activity_counts", *range(28), **FILES)
    for key, name in (("usage", "monthly_activity_count"), ("monthly", "total_activity_count")):
        found = {one: row[name] for one, row in rows(engine, key).items()}
        assert found["exchange"] == 180
        assert found["onedrive"] is None
        assert found["m365"] == 180


def counted(engine: Engine, day: date, **numbers: tuple[int, int]) -> None:
    """Collect how many Microsoft counts as active and inactive within 30 days, and others within 7."""
    month, week = {"id": "30", "report_period": 30}, {"id": "7", "report_period": 7}
    for name, (active, inactive) in numbers.items():
        month |= {f"{name}_active": active, f"{name}_inactive": inactive}
        week |= {f"{name}_active": 1, f"{name}_inactive": 1}
    collect(engine, TENANT, "service_user_counts", [month, week], report_date=day)


def test_a_month_is_compared_with_thirty_days_before(engine: Engine) -> None:
    counted(engine, TODAY - timedelta(days=30), office_365=(80, 20), teams=(0, 10))
    counted(engine, TODAY, office_365=(90, 10), teams=(5, 5), exchange=(7, 13), onedrive=(1, 9))
    found = rows(engine, "monthly")
    names = ("monthly_active_users", "month_over_month_percent", "roi_score", "rating")
    figures = {name: [row[one] for one in names] for name, row in found.items()}
    assert figures == {
        "m365": [90, 12.5, 90.0, "excellent"],
        "exchange": [7, None, 35.0, "poor"],
        "onedrive": [1, None, 10.0, "poor"],
        "sharepoint": [None, None, None, None],
        "teams": [5, None, 50.0, "improve"],
    }
    assert {row["report_date"] for row in found.values()} == {TODAY}
    assert asked(engine, "monthly", ratingGoodPercent=50)["teams"]["rating"] == "good"


def test_a_rating_begins_at_its_limit(engine: Engine) -> None:
    shares = {"office_365": 80, "exchange": 60, "onedrive": 40, "teams": 39, "sharepoint": 79}
    counted(engine, TODAY, **{name: (share, 100 - share) for name, share in shares.items()})
    assert {name: row["rating"] for name, row in rows(engine, "monthly").items()} == {
        "m365": "excellent",
        "exchange": "good",
        "onedrive": "improve",
        "sharepoint": "good",
        "teams": "poor",
    }


def test_all_of_the_sites_are_not_added_to_their_types(engine: Engine) -> None:
    def sites(dataset: str, **parts: int) -> None:
        lines = [
            {"id": f"{TODAY}/{kind}", "site_type": kind, "storage_used_bytes": size * GIB}
            for kind, size in parts.items()
        ]
        collect(engine, TENANT, dataset, lines, report_date=TODAY)

    days(engine, "mailbox_storage", 0, storage_used_bytes=7 * GIB)
    days(engine, "mailbox_storage", 1, storage_used_bytes=99 * GIB)
    sites("onedrive_storage", OneDrive=20)
    sites("sharepoint_storage", All=6, Team=1, Communication=5)
    stored = {name: row["storage_used_gb"] for name, row in rows(engine, "monthly").items()}
    assert stored == {
        "m365": 33.0,
        "exchange": 7.0,
        "onedrive": 20.0,
        "sharepoint": 6.0,
        "teams": None,
    }
    collect(engine, TENANT, "sharepoint_storage", [], report_date=TODAY)
    later = TODAY + timedelta(days=1)
    lines = [
        {"id": f"{later}/{kind}", "site_type": kind, "storage_used_bytes": size * GIB}
        for kind, size in (("Team", 2), ("Other", 3))
    ]
    collect(engine, TENANT, "sharepoint_storage", lines, report_date=later)
    assert rows(engine, "monthly")["sharepoint"]["storage_used_gb"] == 5.0


def test_compliance_is_what_the_controls_of_a_service_have_in_the_newest_score(
    engine: Engine,
) -> None:
    def control(name: str, service: str, most: float | None, **facts: object) -> Object:
        return {"id": name, "service": service, "max_score": most, **facts}

    controls = [
        control("a", "EXO", 10.0),
        control("b", "EXO", 5.0),
        control("c", "SPO", 4.0),
        control("old", "EXO", 100.0, deprecated=True),
        control("unknown", "EXO", None),
        control("unheard", "MS Teams", 8.0),
        control("other", "AzureAD", 9.0),
    ]
    collect(engine, TENANT, "secure_score_controls", controls)
    reached = {"a": 9.0, "b": 3.0, "c": 1.0, "old": 0.0, "unknown": 7.0, "other": 9.0, "gone": 2.0}
    told = [{"controlName": name, "score": score} for name, score in reached.items()]
    scores = [
        {
            "id": "new",
            "created_at": days_ago(1),
            "current_score": 31.0,
            "max_score": 62.0,
            "control_scores": told,
        },
        {
            "id": "old",
            "created_at": days_ago(2),
            "current_score": 1.0,
            "max_score": 2.0,
            "control_scores": [{"controlName": "a", "score": 0.0}],
        },
    ]
    collect(engine, TENANT, "secure_scores", scores)
    counted(engine, TODAY, exchange=(20, 80), onedrive=(95, 5))
    found = rows(engine, "monthly")
    assert {name: row["compliance_rate_percent"] for name, row in found.items()} == {
        "m365": 50.0,
        "exchange": 80.0,
        "onedrive": 25.0,
        "sharepoint": 25.0,
        "teams": None,
    }
    # The mean of licences in use and compliance, or the one that is known.
    assert {name: row["rating"] for name, row in found.items()} == {
        "m365": "improve",
        "exchange": "improve",
        "onedrive": "good",
        "sharepoint": "poor",
        "teams": None,
    }


def test_without_any_data_nothing_is_known(engine: Engine) -> None:
    for key in ("usage", "monthly"):
        for row in rows(engine, key).values():
            told = {name for name, value in row.items() if value is not None}
            assert told == {"service_name", "id"}
