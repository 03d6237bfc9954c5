"""The digest: each figure beside that of a period before, and why one is not known."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.question import read_question
from shared.core.retention import History
from shared.store.datasets import kept_history
from shared.store.session.sessions import tenant_session
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.days import FILES, MAIL, TODAY, days
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

Beside = tuple[object, object]


def digest(
    engine: Engine, as_of: datetime | None = None, **parameters: int
) -> dict[str, dict[str, object]]:
    """The rows by figure."""
    return asked(engine, "digest", as_of, TENANT, **parameters)


def beside(row: dict[str, object]) -> Beside:
    """A value and the previous one."""
    return row["value"], row["previous_value"]


def gaps(row: dict[str, object]) -> Beside:
    """Why a value, and the previous one, are not known."""
    return row["gap"], row["previous_gap"]


def person(
    name: str, created: float = 900, *, enabled: bool = True, kind: str | None = "Member"
) -> Object:
    return {"id": name, "created_at": days_ago(created), "account_enabled": enabled, "user_type": kind}  # fmt: skip


def test_without_any_data_each_figure_is_there_and_nothing_is_known(engine: Engine) -> None:
    found = rows(engine, "digest")
    assert len(found) == 30
    for row in found.values():
        assert beside(row) == (None, None)
        assert row["difference"] is row["change_percent"] is row["covered_from"] is None
        assert gaps(row) == ("not_read", "not_read"), row["id"]


def test_people_are_told_beside_those_of_a_period_before(engine: Engine) -> None:
    before = [person("a"), person("b"), person("gone"), person("g", kind="Guest")]
    collect(engine, TENANT, "users", before, at=days_ago(8))
    now = [
        person("a"),
        person("b", enabled=False),
        person("n", 6),
        person("o", 7.5),
        person("p", 3),
    ]
    guests = [person("g", kind="Guest"), person("h", kind="guest")]
    collect(engine, TENANT, "users", [*now, *guests])
    found = digest(engine)
    assert beside(found["accounts"]) == (7, 4)
    assert (found["accounts"]["difference"], found["accounts"]["change_percent"]) == (3, 75)
    assert beside(found["enabled_members"]) == (4, 3)
    assert beside(found["guests"]) == (2, 1)
    assert beside(found["new_accounts"]) == (2, 0)
    assert found["new_accounts"]["change_percent"] is None, "a growth from nothing is no percentage"
    assert gaps(found["accounts"]) == (None, None)
    covered = found["accounts"]["covered_from"]
    assert isinstance(covered, datetime)
    assert abs(covered - days_ago(8)) < timedelta(minutes=5)


def test_who_is_found_gone_is_deleted_unless_he_is_back(engine: Engine) -> None:
    # Who was in the list when it was read; an account that changes is none that goes.
    lists = {20: "abcdefg", 13: "abcdefg", 10: "abcdef", 9: "abcd", 8: "abcde", 6: "abce", 5: "bcex", 4: "bcey", 1: "aey"}  # fmt: skip
    for age, names in lists.items():
        people = [{**person(name), "department": f"since {age}"} for name in names]
        collect(engine, TENANT, "users", people, at=days_ago(age))

    def lost(before: float, until: float) -> int:
        """By sets: who was there at some reading since the one that held at first, and is not at last."""
        newest, oldest = (min(age for age in lists if age >= end) for end in (until, before))
        return len({name for age in lists if until <= age <= oldest for name in lists[age]} - set(lists[newest]))  # fmt: skip

    assert (lost(7, 0), lost(14, 7)) == (4, 2)
    row = digest(engine)["deleted_accounts"]
    assert (beside(row), gaps(row)) == ((4, 2), (None, None))
    for period in (1, 3, 4, 6, 9):
        found = beside(digest(engine, period=period)["deleted_accounts"])
        assert found == (lost(period, 0), lost(2 * period, period)), period
    assert beside(digest(engine, days_ago(4.5))["deleted_accounts"]) == (lost(11.5, 4.5), 0)
    row = digest(engine, period=15)["deleted_accounts"]
    assert (beside(row), row["previous_gap"]) == ((lost(15, 0), None), "begins_later")
    collect(engine, TENANT, "users", [person(name) for name in "aey"])
    assert beside(digest(engine)["deleted_accounts"]) == (4, 2)


def test_sign_ins_are_told_by_their_result_as_the_log_tells_them(engine: Engine) -> None:
    collect(engine, TENANT, "sign_ins", [], at=days_ago(16))
    codes = (0, 0, 50126, 50076, None, 0, 65001, 53003)
    told, ages = list[Object](), dict[object, float]()
    for number in range(160):
        age, who = number % 16 + 0.5, f"u{number * 7 % 11}"
        ages[str(number)] = age
        told.append({"id": str(number), "created_at": days_ago(age), "user_id": who, "error_code": codes[number * 5 % 8 if who != "u3" else 2]})  # fmt: skip
    collect(engine, TENANT, "sign_ins", told)

    def counted(first: float, last: float) -> tuple[int, int, int, int]:
        log = [one for one in told if last <= ages[one["id"]] < first]
        results = [row["result"] for row in asked(engine, "signin", period=90).values() if row["id"] in {one["id"] for one in log}]  # fmt: skip
        people = {one["user_id"] for one in log if one["error_code"] == 0}
        numbers = [results.count(name) for name in ("success", "failure", "interrupted")]
        return numbers[0], numbers[1], numbers[2], len(people)

    names = ("sign_ins_succeeded", "sign_ins_failed", "sign_ins_interrupted", "signed_in_people")
    found = digest(engine)
    assert tuple(found[name]["value"] for name in names) == counted(7, 0)
    assert min(counted(7, 0)) > 0
    assert counted(7, 0)[3] < len({one["user_id"] for one in told}), "who only failed is none"
    assert tuple(found[name]["previous_value"] for name in names) == counted(14, 7)
    # What had happened, and had been told, at an instant of the past.
    assert [gaps(digest(engine, days_ago(1))[name])[0] for name in names] == [None] * 4
    assert digest(engine, days_ago(1))["sign_ins_succeeded"]["value"] == 0


def test_sign_ins_from_before_the_first_reading_are_a_gap(engine: Engine) -> None:
    collect(engine, TENANT, "sign_ins", [], at=days_ago(10))
    row = digest(engine)["sign_ins_succeeded"]
    assert (beside(row), gaps(row)) == ((0, None), (None, "begins_later"))
    collect(engine, TENANT, "sign_ins", [], state="not_licensed", cause="graph_not_licensed")
    assert beside(digest(engine)["signed_in_people"]) == (0, None)


def test_before_the_first_reading_nothing_is_known_and_it_is_said_since_when(
    engine: Engine,
) -> None:
    collect(engine, TENANT, "users", [person("a")], at=days_ago(6))
    row = digest(engine)["accounts"]
    assert (beside(row), gaps(row)) == ((1, None), (None, "begins_later"))
    assert row["difference"] is None
    assert row["covered_from"] is not None
    assert beside(digest(engine, period=5)["accounts"]) == (1, 1)
    assert digest(engine, days_ago(6.5))["accounts"]["gap"] == "not_read"


def test_none_is_told_apart_from_what_was_not_read(engine: Engine) -> None:
    collect(engine, TENANT, "risky_users", [], at=days_ago(8))
    collect(engine, TENANT, "risky_users", [{"id": "a", "risk_state": "atRisk"}, {"id": "b", "risk_state": "remediated"}, {"id": "c", "risk_state": "atRisk", "is_deleted": True}])  # fmt: skip
    found = digest(engine)
    assert beside(found["risky_users"]) == (1, 0)
    assert found["open_incidents"]["value"] is None


def test_a_figure_is_known_when_all_it_is_from_is(engine: Engine) -> None:
    collect(engine, TENANT, "users", [person("a"), person("b"), person("c", enabled=False)], at=days_ago(20))  # fmt: skip
    listed = [{"id": "a", "is_mfa_registered": True}, {"id": "b", "is_mfa_registered": False}, {"id": "c", "is_mfa_registered": True}]  # fmt: skip
    row = digest(engine)["mfa_registered"]
    assert (beside(row), gaps(row)) == ((None, None), ("not_read", "not_read"))
    collect(engine, TENANT, "user_registration_details", listed, at=days_ago(1))
    row = digest(engine)["mfa_registered"]
    assert (beside(row), gaps(row)) == ((50, None), (None, "begins_later"))


def test_what_is_refused_says_so(engine: Engine) -> None:
    collect(engine, TENANT, "risky_users", [], state="not_licensed", cause="graph_not_licensed")
    collect(engine, TENANT, "security_alerts", [], state="not_permitted", cause="graph_not_permitted")  # fmt: skip
    found = digest(engine)
    assert gaps(found["risky_users"]) == ("not_licensed", "not_licensed")
    assert gaps(found["new_alerts"]) == ("not_permitted", "not_permitted")
    assert found["new_alerts"]["value"] is None


@pytest.mark.parametrize(
    ("first", "told", "why"),
    [
        (15, (2, 1), (None, None)),
        (13, (2, None), (None, "begins_later")),
        (6, (None, None), ("begins_later", "begins_later")),
    ],
)
def test_what_happened_is_told_of_periods_that_were_watched_whole(
    engine: Engine, first: float, told: Beside, why: Beside
) -> None:
    collect(engine, TENANT, "security_alerts", [], at=days_ago(first))
    alerts = [{"id": str(age), "created_at": days_ago(age)} for age in (1, 6.9, 7.1, 14.1)]
    collect(engine, TENANT, "security_alerts", alerts)
    row = digest(engine)["new_alerts"]
    assert (beside(row), gaps(row)) == (told, why)


def test_an_incident_counts_where_it_began_and_while_it_is_open(engine: Engine) -> None:
    def incident(age: float, status: str, into: str | None = None) -> Object:
        told = {"created_at": days_ago(age), "status": status, "redirect_incident_id": into}
        return {"id": str(age), **told}

    collect(engine, TENANT, "security_incidents", [incident(20, "active")], at=days_ago(19))
    collect(
        engine,
        TENANT,
        "security_incidents",
        [incident(20, "active"), incident(9, "active")],
        at=days_ago(8),
    )
    ends = [incident(20, "resolved"), incident(9, "inProgress"), incident(2, "active"), incident(1, "redirected", "9")]  # fmt: skip
    collect(engine, TENANT, "security_incidents", ends)
    found = digest(engine)
    assert beside(found["open_incidents"]) == (2, 2)
    assert beside(found["new_incidents"]) == (1, 1)


def test_incidents_of_services_are_known_as_far_as_the_list_goes(engine: Engine) -> None:
    kinds = {1: "incident", 2: "advisory", 8: "Incident", 9: "incident", 15: "advisory"}
    issues = [
        {"id": str(age), "started_at": days_ago(age), "classification": kind}
        for age, kind in kinds.items()
    ]
    collect(engine, TENANT, "service_issues", issues)
    assert beside(digest(engine)["service_incidents"]) == (1, 2)
    row = digest(engine, period=8)["service_incidents"]
    assert (beside(row), row["previous_gap"]) == ((1, None), "begins_later")


def test_messages_are_told_by_their_days_and_one_may_be_missing(engine: Engine) -> None:
    days(engine, "email_activity_counts", *range(7), **MAIL)
    days(engine, "email_activity_counts", *range(7, 13), **{**MAIL, "send": 2})
    found = digest(engine)
    assert beside(found["mails_sent"]) == (7, 12)
    assert beside(found["mails_received"]) == (14, 12)
    first = found["mails_sent"]["covered_from"]
    assert isinstance(first, datetime)
    assert first.date() == TODAY - timedelta(days=12)
    row = digest(engine, period=8)["mails_sent"]
    assert (beside(row), row["previous_gap"]) == ((9, None), "begins_later")
    assert beside(digest(engine, period=1)["mails_sent"]) == (1, 1)


def test_days_that_lack_are_a_gap(engine: Engine) -> None:
    days(engine, "email_activity_counts", 0, 1, 2, 5, 6, *range(7, 30), **MAIL)
    row = digest(engine)["mails_sent"]
    assert (beside(row), gaps(row)) == ((None, 7), ("no_data", None))
    days(engine, "onedrive_activity_counts", *range(14), **FILES)
    row = digest(engine)["files_shared_outside"]
    assert (beside(row), gaps(row)) == ((None, None), ("not_read", "not_read"))
    collect(engine, TENANT, "sharepoint_activity_counts", [])
    row = digest(engine)["files_shared_outside"]
    assert (row["value"], gaps(row), row["covered_from"]) == (None, ("no_data", "no_data"), None)
    days(engine, "sharepoint_activity_counts", *range(14), **FILES)
    assert beside(digest(engine)["files_shared_outside"]) == (14, 14)


def test_storage_and_active_users_are_those_of_the_days(engine: Engine) -> None:
    def told(day: date, gib: int, active: int) -> None:
        size = {"storage_used_bytes": gib << 30}
        collect(engine, TENANT, "mailbox_storage", [{"id": "a", **size}], report_date=day)
        for dataset in ("onedrive_storage", "sharepoint_storage"):
            collect(engine, TENANT, dataset, [{"id": "a", "site_type": "All", **size}], report_date=day)  # fmt: skip
        people = {"id": "30", "report_period": 30, "teams_active": active}
        collect(engine, TENANT, "service_user_counts", [people], report_date=day)

    told(TODAY - timedelta(days=7), 1, 10)
    told(TODAY, 2, 15)
    found = digest(engine)
    assert beside(found["storage"]) == (6, 3)
    assert beside(found["active_teams"]) == (15, 10)
    assert found["active_teams"]["change_percent"] == 50
    assert gaps(found["active_exchange"]) == ("no_data", "no_data")


def test_licences_roles_and_the_score_are_those_of_both_instants(engine: Engine) -> None:
    def sku(name: str, used: int | None, bought: int, status: str = "Enabled") -> Object:
        return {"id": name, "consumed_units": used, "enabled_units": bought, "capability_status": status}  # fmt: skip

    def holding(name: str, who: str, kind: str = "#microsoft.graph.user") -> Object:
        return {"id": name, "principal_id": who, "principal_type": kind}

    then = days_ago(8)
    collect(engine, TENANT, "subscribed_skus", [sku("a", 5, 10)], at=then)
    collect(engine, TENANT, "subscribed_skus", [sku("a", 9, 10), sku("b", None, 50), sku("c", 1, 5, "Suspended")])  # fmt: skip
    collect(engine, TENANT, "role_assignments", [holding("1", "a"), holding("2", "a")], at=then)
    collect(engine, TENANT, "role_assignments", [holding("1", "a"), holding("3", "b"), holding("4", "g", "#microsoft.graph.group")])  # fmt: skip
    scores = [{"id": str(age), "created_at": days_ago(age), "current_score": points, "max_score": 80.0} for age, points in ((9, 20.0), (1, 60.0), (3, 1.0))]  # fmt: skip
    collect(engine, TENANT, "secure_scores", scores[:1], at=then)
    collect(engine, TENANT, "secure_scores", scores[1:])
    found = digest(engine)
    assert beside(found["licences_bought"]) == (10, 10)
    assert beside(found["licences_used"]) == (9, 5)
    assert beside(found["licence_use"]) == (90, 50)
    assert (found["licence_use"]["difference"], found["licence_use"]["change_percent"]) == (
        40,
        None,
    )
    assert beside(found["role_holders"]) == (2, 1)
    assert beside(found["secure_score"]) == (75, 25)


def test_who_is_of_no_told_type_is_neither_member_nor_guest(engine: Engine) -> None:
    users = [person("m"), person("g", kind="guest"), person("old", kind=None)]
    collect(engine, TENANT, "users", users)
    found = digest(engine)
    named = {name: found[name]["value"] for name in ("accounts", "enabled_members", "guests")}
    assert named == {"accounts": 3, "enabled_members": 1, "guests": 1}
    assert set(rows(engine, "guests")) == {"g"}


def test_own_failures_are_counted_in_their_period(engine: Engine) -> None:
    collect(engine, TENANT, "users", [person("a")], at=days_ago(15))
    for age in (10, 9, 1):
        collect(engine, TENANT, "users", [], at=days_ago(age), state="failed", cause="graph_busy")
    collect(engine, TENANT, "users", [], at=days_ago(0.5), state="failed", cause="run_abandoned")
    # Who has no licence, or has switched it off, has failed in nothing.
    for state, cause in (("not_licensed", "graph_not_licensed"), ("off", "not_switched_on"), ("not_permitted", "graph_not_permitted")):  # fmt: skip
        collect(engine, TENANT, "risky_users", [], at=days_ago(0.5), state=state, cause=cause)  # type: ignore[arg-type]
    found = digest(engine)
    assert beside(found["failed_collections"]) == (1, 2)
    assert beside(found["accounts"]) == (1, 1)


def test_a_past_instant_is_told_as_it_was_then(engine: Engine) -> None:
    for age, names in ((20, "a"), (10, "ab"), (1, "abcd")):
        collect(engine, TENANT, "users", [person(name) for name in names], at=days_ago(age))
    assert beside(digest(engine)["accounts"]) == (4, 2)
    assert beside(digest(engine, days_ago(5))["accounts"]) == (2, 1)
    assert beside(digest(engine, days_ago(15))["accounts"]) == (1, None)


def test_what_retention_took_away_is_not_none(engine: Engine) -> None:
    collect(engine, TENANT, "users", [person("a")], at=days_ago(300))
    collect(engine, TENANT, "users", [person("a"), person("b")], at=days_ago(40))
    assert beside(digest(engine, period=60)["accounts"]) == (2, 1)
    with tenant_session(engine, TENANT) as connection:
        kept_history.begin(connection, TENANT, ["users"], uuid4())
        kept_history.note(connection, TENANT, "users", History(days_ago(50)), (0, 1))
    row = digest(engine, period=60)["accounts"]
    assert (beside(row), row["previous_gap"]) == ((2, None), "begins_later")
    assert beside(digest(engine, period=45)["accounts"]) == (2, 1)


def test_its_presets_are_the_four_periods() -> None:
    report = registry.report("digest")
    found = {
        name: dict(read_question({"preset": name}, report, "en", clock.now()).parameters)
        for name in report.presets
    }
    assert found == {
        "day": {"period": 1},
        "week": {"period": 7},
        "month": {"period": 30},
        "year": {"period": 365},
    }
