"""A report's own parameters: period and thresholds, with defaults, refused by name; the weekly report."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from shared.core.text import LANGS, Lang
from tests.api.conftest import TENANT, Api
from tests.catalog.reports.answers import days_ago
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/reports"
TODAY = date(2026, 11, 26)


def ids(api: Api, key: str, **query: object) -> list[str]:
    return [row["id"] for row in api.send("GET", f"{PATH}/{key}", query).json["rows"]]


def test_sign_ins_are_those_of_thirty_days_or_of_the_period_asked_for(
    api: Api, app_engine: Engine
) -> None:
    events = [{"id": str(days), "created_at": days_ago(days)} for days in (1, 20, 40)]
    collect(app_engine, TENANT, "sign_ins", events)
    assert ids(api, "signin") == ["1", "20"]
    assert ids(api, "signin", period="P7D") == ["1"]
    assert ids(api, "signin", period="P60D") == ["1", "20", "40"]
    counted = api.get(f"{PATH}/signin", period="P60D", count="true", top=1)
    assert counted.json["totalCount"] == 3
    rest = api.follow(counted.json["nextLink"])
    assert [row["id"] for row in rest.json["rows"]] == ["20"]
    exported = api.get(f"{PATH}/signin", period="P7D", format="csv")
    assert exported.headers["Kanri-Row-Count"] == "1"


def test_a_cursor_belongs_to_the_period_it_began_with(api: Api, app_engine: Engine) -> None:
    events = [{"id": str(days), "created_at": days_ago(days)} for days in (1, 2, 3)]
    collect(app_engine, TENANT, "sign_ins", events)
    first = api.get(f"{PATH}/signin", period="P7D", top=1)
    other = api.get(f"{PATH}/signin", period="P8D", top=1, cursor=first.json["cursor"])
    assert (other.status, other.json["code"]) == (400, "cursor_foreign")


@pytest.mark.parametrize(
    ("key", "query", "code"),
    [
        ("signin", {"period": "7"}, "period_expected"),
        ("signin", {"period": "P0D"}, "period_expected"),
        ("signin", {"period": "P1M"}, "period_expected"),
        ("signin", {"period": "P99999D"}, "period_expected"),
        ("users", {"reviewDays": "soon"}, "number_expected"),
        ("users", {"staleDays": "0"}, "number_expected"),
        ("users", {"period": "P7D"}, "parameter_not_of_report"),
        ("signin", {"staleDays": "7"}, "parameter_not_of_report"),
    ],
)
def test_what_is_no_value_or_not_the_reports_is_refused_by_name(
    api: Api, key: str, query: dict[str, str], code: str
) -> None:
    answer = api.send("GET", f"{PATH}/{key}", query)
    assert (answer.status, answer.json["code"]) == (400, code)
    assert answer.json["parameter"] in query


def test_the_limits_of_an_age_are_parameters(api: Api, app_engine: Engine) -> None:
    changed = [{"id": str(d), "last_password_change_at": days_ago(d)} for d in (10, 100, 200)]
    collect(app_engine, TENANT, "users", changed)
    collect(app_engine, TENANT, "sign_in_activity", [])

    def states(**query: object) -> list[str]:
        asked = {"orderBy": "password_age_days", **query}
        rows = api.send("GET", f"{PATH}/users", asked).json["rows"]
        return [row["password_status"] for row in rows]

    assert states() == ["normal", "review", "stale"]
    assert states(reviewDays=150, staleDays=300) == ["normal", "normal", "review"]
    assert states(staleDays=99) == ["normal", "stale", "stale"]
    found = api.get(f"{PATH}/users", reviewDays=5, filter="password_status eq 'normal'")
    assert found.json["rows"] == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_weekly_report_is_answered_in_both_languages_with_its_coverage(
    api: Api, app_engine: Engine, lang: Lang
) -> None:
    for day, people in ((TODAY - timedelta(days=7), 2), (TODAY, 3)):
        lines = [{"id": str(n), "teams_last_activity_date": day} for n in range(people)]
        collect(app_engine, TENANT, "active_users", lines, report_date=day)
    collect(app_engine, TENANT, "service_health", [], state="not_permitted", cause="graph_x")
    answer = api.get(f"{PATH}/weekly", lang=lang).json
    assert answer["title"] == {"en": "Weekly report", "ja": "週次レポート"}[lang]
    states = {item["dataset"]: item["state"] for item in answer["coverage"]}
    assert states["active_users"] == "ok"
    assert states["service_health"] == "not_permitted"
    assert states["subscribed_skus"] == "never"
    rows = {row["id"]: row for row in answer["rows"]}
    assert rows["m365"]["weekly_active_users"] == 3
    assert rows["teams"]["week_over_week_percent"] == 50.0
    assert rows["teams"]["status"] is None, "what may not be read is not said to be well"
    columns = {column["id"]: column for column in answer["columns"]}
    assert columns["trend"]["labels"][rows["teams"]["trend"]] == {"en": "Up", "ja": "増加"}[lang]
    assert columns["average_session_minutes"]["unavailable"]
    line = api.get(f"{PATH}/weekly", lang=lang, format="csv").body.decode("utf-8-sig")
    assert line.startswith({"en": "Service,", "ja": "サービス名,"}[lang])
