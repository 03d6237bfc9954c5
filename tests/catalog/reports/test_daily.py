"""The daily report: what each licensed person did on the newest published day, and the score of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

DAY = date(2026, 11, 24)
PEOPLE = ("both", "busy", "idle", "mailless", "quiet")


def upn(name: str) -> str:
    return f"{name}@contoso.example"


def person(name: str, **facts: object) -> Object:
    """An enabled member with a licence."""
    return {
        "id": name,
        "user_principal_name": upn(name),
        "display_name": name.title(),
        "account_enabled": True,
        "user_type": "Member",
        "assigned_licenses": [{"skuId": "1"}],
        **facts,
    }


def people(engine: Engine, *users: Object) -> None:
    collect(engine, TENANT, "users", users or [person(name) for name in PEOPLE])


def mail(engine: Engine, *lines: tuple[str, int, int, int], day: date = DAY) -> None:
    """Collect who sent, received and read how much."""
    found = [
        {
            "id": name,
            "user_principal_name": upn(name),
            "send_count": sent,
            "receive_count": received,
            "read_count": read,
        }
        for name, sent, received, read in lines
    ]
    collect(engine, TENANT, "email_activity", found, report_date=day)


def teams(engine: Engine, *lines: tuple[str, int, int, int], day: date = DAY) -> None:
    """Collect who had how many messages (a third of them posts), calls and meetings."""
    found = [
        {
            "id": name,
            "user_id": name,
            "team_chat_message_count": chats,
            "private_chat_message_count": 0,
            "post_message_count": chats // 3,
            "call_count": calls,
            "meeting_count": meetings,
        }
        for name, chats, calls, meetings in lines
    ]
    collect(engine, TENANT, "teams_daily_activity", found, report_date=day)


def sign_ins(engine: Engine, *lines: tuple[str, datetime, int]) -> None:
    """Collect sign-ins of people: when, with which error."""
    found = [
        {"id": str(number), "user_id": name, "created_at": at, "error_code": error}
        for number, (name, at, error) in enumerate(lines)
    ]
    collect(engine, TENANT, "sign_ins", found)


def at(hour: int, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def told(
    engine: Engine, names: Sequence[str] = ("daily_email_count", "activity_score")
) -> dict[str, list[object]]:
    return {name: [row[one] for one in names] for name, row in rows(engine, "daily").items()}


def test_each_part_counts_by_its_weight_up_to_an_ordinary_day(engine: Engine) -> None:
    people(engine)
    mail(engine, ("both", 40, 9, 500), ("busy", 8, 3, 10), ("idle", 0, 30, 0))
    teams(engine, ("both", 400, 9, 9), ("busy", 6, 1, 1))
    sign_ins(engine, ("both", at(0), 0), ("both", at(23), 0), ("busy", at(9), 0))
    found = rows(engine, "daily")
    numbers = ("daily_sign_in_count", "daily_email_count", "teams_activity_count")
    assert [found["both"][name] for name in numbers] == [2, 49, 418]
    assert found["both"]["activity_score"] == 100
    # 20 + 40·(8 + 10/5)/20 + 40·(6 + 5·2)/40
    assert [found["busy"][name] for name in numbers] == [1, 11, 8]
    assert found["busy"]["activity_score"] == 20 + 20 + 16
    # What came by itself is no activity.
    assert [found["idle"][name] for name in numbers] == [0, 30, 0]
    assert found["idle"]["activity_score"] == 0
    levels = {name: row["activity_level"] for name, row in found.items()}
    assert levels == {
        "both": "high",
        "busy": "medium",
        "idle": "none",
        "mailless": "none",
        "quiet": "none",
    }
    assert {row["status"] for row in found.values()} == {"active", "inactive"}
    assert {row["report_date"] for row in found.values()} == {DAY}


def test_sign_ins_are_those_that_succeeded_on_the_day(engine: Engine) -> None:
    people(engine)
    mail(engine, ("both", 1, 0, 0))
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    sign_ins(
        engine,
        ("both", at(23, before), 0),
        ("both", at(12), 50126),
        ("busy", at(0, after), 0),
        ("quiet", at(12), 0),
    )
    found = told(engine, ["daily_sign_in_count"])
    assert found == {"both": [0], "busy": [0], "idle": [0], "mailless": [0], "quiet": [1]}


def test_what_was_not_read_is_unknown_and_lowers_no_score(engine: Engine) -> None:
    people(engine)
    names = ["daily_sign_in_count", "daily_email_count", "teams_activity_count", "activity_score"]
    assert told(engine, names)["busy"] == [None, None, None, None]
    assert rows(engine, "daily")["busy"]["activity_level"] is None
    assert rows(engine, "daily")["busy"]["status"] is None
    mail(engine, ("busy", 10, 0, 0))
    assert told(engine, names)["busy"] == [None, 10, None, 50]
    teams(engine, ("busy", 40, 0, 0), day=DAY - timedelta(days=1))
    assert told(engine, names)["busy"] == [None, 10, None, 50], "that was the day before"
    teams(engine, ("both", 40, 0, 0))
    assert told(engine, names)["busy"] == [None, 10, 0, 25]
    sign_ins(engine, ("both", at(1, DAY - timedelta(days=1)), 0))
    assert told(engine, names)["busy"] == [None, 10, 0, 25], "not read as far as the day"
    sign_ins(engine, ("both", at(1, DAY + timedelta(days=1)), 0))
    assert told(engine, names)["busy"] == [0, 10, 0, 20]


def test_a_number_that_microsoft_left_out_is_not_none(engine: Engine) -> None:
    people(engine)
    lines = [{"id": name, "user_principal_name": upn(name)} for name in ("both", "busy")]
    counted = {**lines[0], "send_count": 1, "receive_count": 2, "read_count": 0}
    collect(engine, TENANT, "email_activity", [counted, lines[1]], report_date=DAY)
    quiet = {"id": "busy", "user_id": "busy", "call_count": 1}
    collect(engine, TENANT, "teams_daily_activity", [quiet], report_date=DAY)
    names = ["daily_email_count", "teams_activity_count"]
    assert told(engine, names) == {
        "both": [3, 0],
        "busy": [None, None],
        "idle": [0, 0],
        "mailless": [0, 0],
        "quiet": [0, 0],
    }


def test_a_day_that_was_read_in_part_has_no_number_of_sign_ins(engine: Engine) -> None:
    people(engine, person("busy"))
    mail(engine, ("busy", 20, 0, 0))
    first = [{"id": "0", "user_id": "busy", "created_at": at(1), "error_code": 0}]
    collect(engine, TENANT, "sign_ins", first, state="partial", cause="too_many_parts")
    assert told(engine, ["daily_sign_in_count", "activity_score"]) == {"busy": [None, 100]}
    sign_ins(engine, ("busy", at(1), 0))
    assert told(engine, ["daily_sign_in_count", "activity_score"]) == {"busy": [1, 100]}


def test_who_has_no_licence_for_a_service_is_not_idle_in_it(engine: Engine) -> None:
    people(engine)
    mail(engine, ("both", 20, 0, 0), ("busy", 20, 0, 0))
    teams(engine, ("both", 20, 0, 0))
    licensed = [
        {"id": name, "user_principal_name": upn(name).upper(), "has_exchange_license": mail_too}
        for name, mail_too in (("both", True), ("mailless", False))
    ]
    gone = {"id": "gone", "user_principal_name": upn("mailless"), "has_exchange_license": True}
    no_teams = {"id": "busy", "user_principal_name": upn("busy"), "has_teams_license": False}
    lines = [*licensed, {**gone, "is_deleted": True}, no_teams]
    collect(engine, TENANT, "active_users", lines, report_date=DAY)
    found = told(engine, ["daily_email_count", "teams_activity_count", "activity_score"])
    assert found["both"] == [20, 20, 75]
    assert found["busy"] == [20, None, 100]
    assert found["mailless"] == [None, 0, 0]
    assert found["quiet"] == [0, 0, 0], "of whom nobody says it"


def test_the_lines_of_one_name_are_one_person(engine: Engine) -> None:
    people(engine, person("a"))
    lines = [
        {"id": "a", "user_principal_name": upn("A"), "send_count": 1, "receive_count": 2},
        {"id": "a#2", "user_principal_name": upn("a"), "send_count": 3, "receive_count": 4},
        {"id": "x", "user_principal_name": upn("a"), "send_count": 9, "receive_count": 9},
    ]
    lines = [{**line, "read_count": 0, "is_deleted": line["id"] == "x"} for line in lines]
    collect(engine, TENANT, "email_activity", lines, report_date=DAY)
    assert told(engine, ["daily_email_count"]) == {"a": [10]}


def test_only_enabled_licensed_members_are_in_it(engine: Engine) -> None:
    people(
        engine,
        person("a"),
        person("old", user_type=None),
        person("guest", user_type="Guest"),
        person("blocked", account_enabled=False),
        person("unlicensed", assigned_licenses=[]),
    )
    assert set(rows(engine, "daily")) == {"a"}, "of old nobody says what he is"


def test_the_limits_of_levels_are_parameters(engine: Engine) -> None:
    people(engine)
    mail(engine, ("both", 10, 0, 0), ("busy", 2, 0, 0), ("quiet", 0, 0, 1))
    levels = {name: row["activity_level"] for name, row in rows(engine, "daily").items()}
    assert [levels[name] for name in ("both", "busy", "quiet", "idle")] == [
        "medium",
        "low",
        "low",
        "none",
    ]
    found = asked(engine, "daily", activityHighScore=50, activityMediumScore=10)
    levels = {name: row["activity_level"] for name, row in found.items()}
    assert [levels[name] for name in ("both", "busy", "quiet")] == ["high", "medium", "low"]


def test_passwords_are_those_of_the_list_of_users(engine: Engine) -> None:
    changed = {"a": 10, "b": 100, "c": 400}
    people(
        engine,
        *(person(name, last_password_change_at=days_ago(days)) for name, days in changed.items()),
    )
    names = ("password_age_days", "password_status", "risk_level")
    assert told(engine, names) == {
        "a": [10, "normal", "low"],
        "b": [100, "review", "low"],
        "c": [400, "stale", "high"],
    }
    listed = {name: [row[one] for one in names] for name, row in rows(engine, "users").items()}
    assert listed == told(engine, names)


def test_a_past_instant_tells_of_the_day_that_was_the_newest_then(engine: Engine) -> None:
    people(engine)
    mail(engine, ("busy", 10, 0, 0), day=DAY - timedelta(days=1))
    then = clock.now()
    mail(engine, ("busy", 4, 0, 0))
    assert told(engine)["busy"] == [4, 20]
    before = asked(engine, "daily", as_of=then)["busy"]
    assert [before["daily_email_count"], before["activity_score"]] == [10, 50]
    assert before["report_date"] == DAY - timedelta(days=1)


def test_what_somebody_did_is_personal() -> None:
    personal = {column.id for column in registry.report("daily").columns if column.personal}
    assert personal >= {
        "daily_sign_in_count",
        "daily_email_count",
        "teams_activity_count",
        "activity_level",
        "activity_score",
        "status",
    }
