"""The yearly report: from own history, against sums in Python that share nothing with it."""

import random
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.days import TODAY
from tests.catalog.reports.simulated import SEEDS
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

SERVICES = ("exchange", "onedrive", "sharepoint", "teams")
E3, E5 = "05e9a617-0261-4cee-bb44-138d3ef5d965", "06ebc4ee-1bb5-47dd-8120-11324bc54e06"


def before(days: int) -> date:
    return TODAY - timedelta(days=days)


def counted(engine: Engine, day: date, **numbers: tuple[int, int]) -> None:
    """Collect how many Microsoft counts as active and inactive within 30 days; within 7 others."""
    month, week = {"id": "30", "report_period": 30}, {"id": "7", "report_period": 7}
    for name, (active, inactive) in numbers.items():
        month |= {f"{name}_active": active, f"{name}_inactive": inactive}
        week |= {f"{name}_active": 1, f"{name}_inactive": 1}
    collect(engine, TENANT, "service_user_counts", [month, week], report_date=day)


def test_without_any_data_nothing_is_known(engine: Engine) -> None:
    for row in rows(engine, "yearly").values():
        assert {name for name, value in row.items() if value is not None} == {"service_name", "id"}


@pytest.mark.parametrize("seed", SEEDS)
def test_who_used_a_service_in_the_year_counts_once_even_who_is_gone(
    engine: Engine, seed: int
) -> None:
    """People come and go; the days of their use are drawn, and each file tells of the last before it.

    Files are stored as far apart as they are looked at: whoever came and went between two is in none.
    """
    choice = random.Random(seed)
    used = {
        f"u{n}": {
            service: sorted(choice.sample(range(500), choice.randrange(4))) for service in SERVICES
        }
        for n in range(40)
    }
    there = {name: (choice.randrange(20, 420), choice.choice((0, 60, 200))) for name in used}
    shown: dict[str, set[str]] = {name: set() for name in (*SERVICES, "m365")}
    for age in range(392, -1, -56):
        lines: list[Object] = []
        for name, ages in used.items():
            came, went = there[name]
            if not went <= age <= came:
                continue
            last = {one: min((a for a in ages[one] if a >= age), default=None) for one in SERVICES}
            days = {
                f"{one}_last_activity_date": None if a is None else before(a)
                for one, a in last.items()
            }
            lines.append({"id": name, **days})
            recent = {one for one, a in last.items() if a is not None and a <= 364 and age <= 364}
            for one in (*recent, *(["m365"] if recent else [])):
                shown[one].add(name)
        collect(engine, TENANT, "active_users", lines, report_date=before(age))
    found = {name: row["yearly_active_users"] for name, row in rows(engine, "yearly").items()}
    assert found == {name: len(people) for name, people in shown.items()}
    assert len(set(found.values())) > 1


def test_growth_is_null_before_a_full_year(engine: Engine) -> None:
    counted(engine, before(364), office_365=(50, 10), teams=(10, 0))
    counted(engine, TODAY, office_365=(60, 10), teams=(5, 5), exchange=(3, 1))
    assert {row["yearly_growth_percent"] for row in rows(engine, "yearly").values()} == {None}
    counted(engine, before(365), office_365=(48, 10), teams=(10, 0), exchange=(0, 4))
    found = {name: row["yearly_growth_percent"] for name, row in rows(engine, "yearly").items()}
    assert found == {
        "m365": 25.0,
        "exchange": None,
        "onedrive": None,
        "sharepoint": None,
        "teams": -50.0,
    }


def test_it_says_since_when_there_is_data_and_names_the_days_that_lack(engine: Engine) -> None:
    for age in (400, 20, 19, 15, 14, 10, 0):
        counted(engine, before(age), office_365=(1, 1))
    [row] = {
        tuple(row[name] for name in ("report_date", "covered_from", "missing_days", "gaps"))
        for row in rows(engine, "yearly").values()
    }
    gaps = [(18, 16), (13, 11), (9, 1)]
    told = ", ".join(f"{before(first)}/{before(last)}" for first, last in gaps)
    assert row == (TODAY, before(20), 15, told)


def test_licences_in_use_are_the_mean_of_the_months(engine: Engine) -> None:
    """The newest file of a month counts, of twelve months at most."""
    files: dict[date, tuple[int, int]] = {}
    for age in range(0, 390, 13):
        files[before(age)] = (age % 7 + 1, age % 5)
        counted(engine, before(age), teams=files[before(age)])
    of_year = {day: n for day, n in files.items() if day > before(365)}
    months: dict[tuple[int, int], date] = {}
    for day in sorted(of_year):
        months[day.year, day.month] = day
    last = [of_year[months[key]] for key in sorted(months)[-12:]]
    mean = sum(round(100 * a / (a + i), 2) for a, i in last) / len(last)
    row = rows(engine, "yearly")["teams"]
    assert (row["months_known"], row["roi_percent"]) == (12, pytest.approx(mean, abs=0.01))


def skus(engine: Engine, at: datetime, **used: int | None) -> None:
    names = {"e3": (E3, "SPE_E3"), "e5": (E5, "SPE_E5"), "free": ("f", "FLOW_FREE")}
    lines = [
        {
            "id": name,
            "sku_id": names[name][0],
            "sku_part_number": names[name][1],
            "consumed_units": units,
        }
        for name, units in used.items()
    ]
    collect(engine, TENANT, "subscribed_skus", lines, at=at)


def priced(engine: Engine, *prices: tuple[str, float, str, date]) -> None:
    lines = [
        {
            "id": f"{sku}/{day}",
            "sku_id": sku,
            "monthly_unit_price": price,
            "currency": currency,
            "applies_from": day,
        }
        for sku, price, currency, day in prices
    ]
    collect(engine, TENANT, "license_prices", lines)


def month_ends(now: datetime) -> list[datetime]:
    """The instants at which the last twelve months were over, the newest first."""
    found, moment = [], now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(12):
        found.append(moment)
        moment = (moment - timedelta(days=1)).replace(day=1)
    return found


def test_the_cost_of_a_year_is_that_of_twelve_month_ends(engine: Engine) -> None:
    ends = month_ends(clock.now())
    units = {}
    for number, end in enumerate(reversed(ends)):
        units[end] = (10 + number, 3 * number)
        skus(engine, end - timedelta(hours=1), e3=units[end][0], e5=units[end][1], free=999)
        skus(engine, end + timedelta(hours=1), e3=7777, e5=7777, free=1)
    old, new = date(2000, 1, 1), ends[5].date()
    priced(
        engine,
        (E3, 100.5, "JPY", old),
        (E3, 200.25, "JPY", new),
        (E5, 1000, "JPY", old),
    )
    expected = sum(
        e3 * (200.25 if (end - timedelta(seconds=1)).date() >= new else 100.5) + e5 * 1000
        for end, (e3, e5) in units.items()
    )
    last = clock.now().date()
    collect(
        engine,
        TENANT,
        "active_users",
        [{"id": str(n), "teams_last_activity_date": last} for n in range(8)],
        report_date=last,
    )
    found = rows(engine, "yearly")
    assert (found["m365"]["yearly_cost"], found["m365"]["cost_months"]) == (expected, 12)
    assert found["m365"]["cost_per_user"] == pytest.approx(expected / 8, abs=0.01)
    assert {found[one]["yearly_cost"] for one in SERVICES} == {None}


def test_a_cost_of_a_part_of_the_year_is_no_cost_of_the_year(engine: Engine) -> None:
    ends = month_ends(clock.now())
    skus(engine, ends[2] - timedelta(hours=1), e3=10)
    priced(engine, (E3, 5, "JPY", date(2000, 1, 1)))
    row = rows(engine, "yearly")["m365"]
    assert (row["yearly_cost"], row["cost_months"]) == (None, 3)


def test_incidents_are_counted_where_somebody_has_read_them(engine: Engine) -> None:
    def issue(name: str, age: float, kind: str = "incident", of: str = "Exchange Online") -> Object:
        return {
            "id": name,
            "service": of,
            "classification": kind,
            "started_at": days_ago(age),
            "is_resolved": True,
        }

    issues = [issue("a", 1), issue("b", 364), issue("old", 366), issue("c", 2, "advisory")]
    collect(engine, TENANT, "service_issues", [*issues, issue("d", 3, of="Microsoft Teams")])
    found = {name: row["incident_count"] for name, row in rows(engine, "yearly").items()}
    assert found == {"m365": None, "exchange": 2, "onedrive": 0, "sharepoint": 0, "teams": 1}
    own = [
        {"id": "1", "created_at": days_ago(5)},
        {"id": "2", "created_at": days_ago(5), "redirect_incident_id": "1"},
        {"id": "3", "created_at": days_ago(366)},
    ]
    collect(engine, TENANT, "security_incidents", own)
    assert rows(engine, "yearly")["m365"]["incident_count"] == 1


def test_the_year_before_stands_beside_it(engine: Engine) -> None:
    def scored(name: str, age: float, points: float) -> None:
        score = {"current_score": points, "max_score": 50.0, "control_scores": []}
        told = {"id": name, "created_at": days_ago(age), **score}
        collect(engine, TENANT, "secure_scores", [told], at=days_ago(age))

    scored("old", 370, 10.0)
    scored("new", 1, 30.0)
    known: list[Object] = []
    for age in (800, 500, 400, 3):
        known.append({"id": str(age), "created_at": days_ago(age)})
        collect(engine, TENANT, "security_incidents", known, at=days_ago(age))
    counted(engine, before(365), office_365=(48, 10))
    counted(engine, TODAY, office_365=(60, 10))
    row = rows(engine, "yearly")["m365"]
    names = ("active_30_days", "security_score", "incident_count")
    assert [(row[name], row[f"{name}_year_before"]) for name in names] == [
        (60, 48),
        (60.0, 20.0),
        (1, 2),
    ]


def test_a_year_of_a_past_instant_is_told_as_it_was_then(engine: Engine) -> None:
    counted(engine, before(5), office_365=(2, 2))
    then = clock.now()
    counted(engine, TODAY, office_365=(4, 0))
    now, past = (asked(engine, "yearly", at)["m365"] for at in (None, then))
    assert (now["roi_percent"], past["roi_percent"]) == (100.0, 50.0)
    assert (now["report_date"], past["report_date"]) == (TODAY, before(5))
