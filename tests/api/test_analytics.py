"""Figures over time by HTTP: what the ledger, the audit log and the dead letters come to, for whom."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.clock import written
from shared.core.coverage import State
from shared.core.registry import collector
from shared.store.registers.tenants import Tenants
from shared.store.work.dead_letters import DeadLetters
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

RUNS, TRENDS, BREACHES = (f"/v1/analytics/{name}" for name in ("runs", "trends", "breaches"))
# In the middle of a day of every zone asked about below, two days ago.
NOON = (clock.now() - timedelta(days=2)).replace(hour=3, minute=30, second=0, microsecond=0)


def ran(engine: Engine, tenant: UUID, at: datetime, *states: State, dataset: str = "users") -> None:
    for number, state in enumerate(states):
        cause = None if state == "ok" else "graph_refused"
        moment = at + timedelta(minutes=number)
        collect(engine, tenant, dataset, [], at=moment, state=state, cause=cause)


def ask(api: Api, path: str, **asked: object) -> Answer:
    return api.send("GET", path, asked)


def rows(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["rows"]
    return found


@pytest.fixture
def worked(api: Api, app_engine: Engine) -> Api:
    """The API; two tenants were read, one of them not always well."""
    ran(app_engine, TENANT, NOON, "ok", "ok", "failed", "not_licensed")
    ran(app_engine, TENANT, NOON + timedelta(days=1), "ok")
    ran(app_engine, OTHER, NOON, "ok")
    return api


def test_runs_are_counted_by_day_and_tenant(worked: Api) -> None:
    found = rows(worked.get(RUNS, tenant=TENANT))
    assert [(row["start"][:10], row["runs"], row["ok"], row["failed"]) for row in found] == [
        (f"{NOON + timedelta(days=1):%Y-%m-%d}", 1, 1, 0),
        (f"{NOON:%Y-%m-%d}", 4, 2, 1),
    ]
    assert found[1]["success_rate"] == 66.67, "what needs a licence could not succeed"
    assert {row["tenant_id"] for row in found} == {str(TENANT)}
    every = rows(worked.get(RUNS, groupBy="none"))
    assert [row["runs"] for row in every] == [1, 5]
    assert "tenant_id" not in every[0]


def test_what_can_be_told_apart_is_described_as_it_is_taken(worked: Api) -> None:
    described = worked.get("/openapi.json").json["paths"][RUNS]["get"]["parameters"]
    [schema] = [one["schema"] for one in described if one["name"] == "groupBy"]
    for text in (
        "none",
        "tenant",
        "subject,kind",
        "",
        "none,kind",
        "tenant,",
        "when",
        "tenant;kind",
    ):
        fits = re.fullmatch(schema["pattern"], text) is not None
        status = worked.get(RUNS, groupBy=text).status
        assert (status == 200) == fits, text


def test_days_and_hours_are_those_of_the_time_zone(worked: Api) -> None:
    def starts(**asked: str) -> list[datetime]:
        found = rows(ask(worked, RUNS, tenant=TENANT, orderBy="start", **asked))
        return [datetime.fromisoformat(row["start"]).astimezone(UTC) for row in found]

    hour = NOON.replace(minute=0)
    day = NOON.replace(hour=0, minute=0)
    assert starts()[0] == day
    assert starts(timeZone="Asia/Tokyo")[0] == day - timedelta(hours=9)
    window = {"from": written(NOON - timedelta(hours=1)), "to": written(NOON + timedelta(hours=1))}
    assert starts(interval="PT1H", **window) == [hour]
    half = hour + timedelta(minutes=30)
    assert starts(interval="PT1H", timeZone="Asia/Kolkata", **window) == [half]


def test_a_bucket_that_is_cut_says_so(worked: Api) -> None:
    begins, ends = NOON - timedelta(minutes=1), NOON + timedelta(days=1, minutes=5)
    cut = {"from": written(begins), "to": written(ends), "tenant": str(TENANT)}
    answer = ask(worked, RUNS, orderBy="start", **cut)
    assert [row["whole"] for row in rows(answer)] == [False, False]
    assert answer.json["window"] == {
        "from": written(begins),
        "to": written(ends),
        "interval": "P1D",
        "timeZone": "UTC",
    }
    whole = {"from": written(NOON.replace(hour=0, minute=0)), "to": written(ends)}
    assert next(row["whole"] for row in rows(ask(worked, RUNS, orderBy="start", **whole)))


def test_a_day_on_which_clocks_are_changed_has_25_hours(api: Api, app_engine: Engine) -> None:
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC)
    for hours in (0, 24.5):
        ran(app_engine, TENANT, begins + timedelta(hours=hours), "ok")
    window = {"from": written(begins), "to": written(begins + timedelta(hours=25))}
    [day] = rows(ask(api, RUNS, timeZone="Europe/Berlin", **window))
    assert (day["runs"], day["whole"]) == (2, True)
    short = {**window, "to": written(begins + timedelta(hours=24, minutes=59))}
    [day] = rows(ask(api, RUNS, timeZone="Europe/Berlin", **short))
    assert (day["runs"], day["whole"]) == (2, False)


def test_the_answer_says_what_it_is_counted_from_and_since_when(worked: Api) -> None:
    answer = worked.get(RUNS)
    [ledger] = answer.json["coverage"]
    assert (ledger["dataset"], ledger["state"], ledger["rows"]) == ("ledger", "ok", 6)
    assert ledger["since"].startswith(f"{NOON:%Y-%m-%dT%H:%M}")
    assert ledger["ageSeconds"] > 0
    assert "ledger=ok;age=" in answer.headers["Kanri-Coverage"]


def test_a_ledger_without_a_row_is_unknown_and_not_nought(api: Api) -> None:
    answer = api.get(RUNS)
    [ledger] = answer.json["coverage"]
    assert rows(answer) == []
    assert (ledger["state"], ledger["ageSeconds"], "since" in ledger) == ("never", None, False)


def test_a_copy_is_right_until_another_run_has_ended(worked: Api, app_engine: Engine) -> None:
    until = {"to": written(clock.now() - timedelta(minutes=1))}
    tag = ask(worked, RUNS, **until).headers["ETag"]
    assert worked.get(RUNS, {"if-none-match": tag}, **until).status == 304
    ran(app_engine, TENANT, NOON + timedelta(hours=2), "ok")
    assert worked.get(RUNS, {"if-none-match": tag}, **until).status == 200
    assert worked.get(RUNS, {"if-none-match": tag}, groupBy="kind", **until).status == 200


def test_it_is_filtered_ordered_totalled_and_paged(worked: Api) -> None:
    bad = rows(worked.get(RUNS, filter="success_rate lt 100"))
    assert [row["tenant_id"] for row in bad] == [str(TENANT)]
    answer = worked.get(RUNS, top=1, totals="true", count="true")
    totals = {total["column"]: total["value"] for total in answer.json["totals"]}
    assert (answer.json["totalCount"], totals["runs"], totals["failed"]) == (3, 6, 1)
    found = rows(answer)
    while answer.json["nextLink"]:
        answer = worked.follow(answer.json["nextLink"].removeprefix("https://kanri.example"))
        found += rows(answer)
    assert found == rows(worked.get(RUNS))


def test_a_cursor_is_of_its_window_and_its_tenants(worked: Api) -> None:
    cursor = worked.get(RUNS, top=1).json["cursor"]
    for other in ({"timeZone": "Asia/Tokyo"}, {"tenant": TENANT}, {"groupBy": "subject"}):
        answer = ask(worked, RUNS, top=1, cursor=cursor, **other)
        assert answer.json["code"] == "cursor_foreign", other


def test_it_is_a_file_too(worked: Api) -> None:
    answer = worked.get(RUNS, format="csv", lang="ja", timeZone="Asia/Tokyo")
    assert answer.status == 200, answer.body
    lines = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [line["実行数"] for line in lines] == ["1", "4", "1"]


def test_trends_compare_with_the_period_before_as_far_as_it_is_known(
    worked: Api, app_engine: Engine
) -> None:
    day = NOON.replace(hour=0, minute=0)
    window = {"from": written(day), "to": written(day + timedelta(days=1)), "tenant": TENANT}
    [row] = rows(ask(worked, TRENDS, **window))
    assert (row["runs"], row["success_rate"]) == (4, 66.67)
    assert (row["known_before"], row["runs_before"], row["change"]) == (False, None, None)
    later = {"from": written(day + timedelta(days=1)), "to": written(day + timedelta(days=2))}
    ran(app_engine, TENANT, NOON - timedelta(days=3), "failed")
    [row] = rows(ask(worked, TRENDS, **later, tenant=TENANT))
    assert (row["known_before"], row["runs_before"], row["runs"]) == (True, 4, 1)
    assert (row["success_rate_before"], row["change"]) == (66.67, 33.33)


def test_breaches_tell_runs_requests_and_messages(worked: Api, make_key: KeyMaker) -> None:
    DeadLetters(worked.doors.engine).add("collect", "{}", "message_malformed", None)
    nobody = worked.as_caller(x_api_key="kanri_test_wrong")
    assert nobody.get("/v1/tenants").status == 401
    narrow = worked.as_caller(x_api_key=make_key("report:read", tenants=[TENANT]))
    assert narrow.get(f"/v1/tenants/{TENANT}/audit").status == 403
    found = {row["breach"]: row for row in rows(worked.get(BREACHES))}
    assert found["run_failed"]["about"] == "collect users"
    assert {found[name]["tenant_id"] for name in ("run_failed", "access_refused")} == {str(TENANT)}
    assert {found[n]["tenant_id"] for n in ("dead_letter", "sign_in_failed")} == {str(UUID(int=0))}
    assert "run_not_licensed" not in found
    assert worked.get(BREACHES, format="csv", lang="ja").status == 200
    own = rows(worked.get(BREACHES, tenant=TENANT))
    assert {row["tenant_id"] for row in own} == {str(TENANT)}


def test_data_that_is_not_read_in_time_is_a_breach_once_a_gap(api: Api, app_engine: Engine) -> None:
    every = collector("users").every
    begins = clock.now() - 12 * every
    for number in (0, 1, 5, 6):  # Between 1 and 5 it grew old, and again after 6.
        ran(app_engine, TENANT, begins + number * every, "ok")
    ran(app_engine, TENANT, begins + 2 * every, "failed")

    def stale() -> list[datetime]:
        asked = {"filter": "breach eq 'data_stale'", "orderBy": "first_at", "interval": "PT1H"}
        window = {"from": written(begins - every), "tenant": TENANT}
        found = rows(ask(api, BREACHES, **asked, **window))
        assert {row["about"] for row in found} <= {"users"}
        return [datetime.fromisoformat(row["first_at"]) for row in found]

    soon = timedelta(seconds=1)
    expected = [begins + 3 * every, begins + 8 * every]
    assert [abs(at - then) < soon for at, then in zip(stale(), expected, strict=True)] == [True] * 2
    assert api.post(f"/v1/tenants/{TENANT}/pause").status == 200
    assert len(stale()) == 1, "who is paused now grows old by will"


@pytest.mark.parametrize("path", [RUNS, TRENDS, BREACHES])
def test_who_sees_one_tenant_sees_its_figures_only(
    worked: Api, app_engine: Engine, make_key: KeyMaker, path: str
) -> None:
    ran(app_engine, OTHER, NOON + timedelta(hours=1), "failed")
    key = make_key("analytics:read", tenants=[TENANT])
    narrow = worked.as_caller(x_api_key=key)
    assert {row["tenant_id"] for row in rows(narrow.get(path))} == {str(TENANT)}
    if path != BREACHES:
        assert rows(narrow.get(path, groupBy="none")) == rows(
            worked.get(path, groupBy="none", tenant=TENANT)
        )
    for foreign in (OTHER, UUID(int=0), UUID(int=7)):
        assert narrow.get(path, tenant=foreign).json["code"] == "tenant_forbidden"
    assert worked.get(path, tenant=UUID(int=7)).json["code"] == "tenant_unknown"
    assert worked.get(path, tenant="contoso").json["code"] == "guid_expected"


@pytest.mark.parametrize("path", [RUNS, TRENDS, BREACHES])
def test_who_sees_two_tenants_of_three_sees_nothing_of_the_third(
    worked: Api, app_engine: Engine, make_key: KeyMaker, path: str
) -> None:
    """Of several tenants row-level security does not keep them apart: the statement does."""
    third = UUID(int=3)
    Tenants(app_engine).add(third, "Adatum")
    ran(app_engine, third, NOON, "failed")
    ran(app_engine, OTHER, NOON + timedelta(hours=1), "failed")
    assert worked.as_caller(x_api_key="kanri_test_wrong").get("/v1/tenants").status == 401
    both = worked.as_caller(x_api_key=make_key("analytics:read", tenants=[TENANT, OTHER]))
    assert {row["tenant_id"] for row in rows(both.get(path))} == {str(TENANT), str(OTHER)}
    counted = {one["dataset"]: one["rows"] for one in both.get(path).json["coverage"]}
    assert counted["ledger"] == 7
    assert counted.get("dead_letters", 0) == 0


def test_a_tenant_that_shuts_out_the_callers_address_is_not_among_the_figures(
    behind: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    ran(app_engine, TENANT, NOON, "ok")
    lists = f"/v1/tenants/{TENANT}/addresses"
    tag = behind.get(lists).headers["ETag"]
    from_inside = {"if-match": tag, "x-forwarded-for": "203.0.113.7"}
    changed = behind.send(
        "PATCH", lists, {}, b'{"allowed": ["203.0.113.0/24"]}', headers=from_inside
    )
    assert changed.status == 200, changed.json
    narrow = behind.as_caller(x_api_key=make_key("analytics:read", tenants=[TENANT]))
    inside, outside = {"x-forwarded-for": "203.0.113.7"}, {"x-forwarded-for": "198.51.100.7"}
    assert len(rows(narrow.get(RUNS, inside))) == 1
    assert rows(narrow.get(RUNS, outside)) == []
    assert narrow.get(RUNS, outside, tenant=TENANT).json["code"] == "address_not_allowed"
    assert len(rows(behind.get(RUNS, outside))) == 1, "an operator is not shut out by a tenant"


@pytest.mark.parametrize(
    ("asked", "code", "parameter"),
    [
        ({"from": "2026-01-01T00:00:00"}, "instant_expected", "from"),
        ({"from": "2999-01-01T00:00:00Z"}, "window_reversed", "from"),
        ({"from": "1999-01-01T00:00:00Z"}, "window_too_early", "from"),
        ({"to": "0001-01-01T00:00:00Z"}, "window_too_early", "to"),
        ({"from": "2020-01-01T00:00:00Z"}, "window_too_long", "from"),
        ({"interval": "P7D"}, "value_not_allowed", "interval"),
        ({"timeZone": "Mars/Base"}, "time_zone_unknown", "timeZone"),
        ({"groupBy": "colour"}, "value_not_allowed", "groupBy"),
        ({"asOf": "2026-01-01T00:00:00Z"}, "parameter_unknown", "asOf"),
        ({"filter": "colour eq 1"}, "column_unknown", "filter"),
    ],
)
def test_a_wrong_window_is_refused_by_name(
    api: Api, asked: dict[str, str], code: str, parameter: str
) -> None:
    for lang in ("en", "ja"):
        answer = api.send("GET", RUNS, asked, headers={"accept-language": lang})
        assert (answer.status, answer.json["code"]) == (400, code), answer.json
        assert answer.json["parameter"] == parameter


def test_hours_go_back_a_month_and_days_400(api: Api) -> None:
    far = written(clock.now() - timedelta(days=32))
    assert ask(api, RUNS, **{"from": far}).status == 200
    answer = ask(api, RUNS, interval="PT1H", **{"from": far})
    assert answer.json["code"] == "window_too_long"
    assert "31" in answer.json["detail"]
