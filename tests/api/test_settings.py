"""A tenant's own thresholds: set, taken back, refused by name, and what reports make of them."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, text

from shared.core.report_parameters import THRESHOLDS
from shared.store.registers.tenant_settings import TenantSettings
from shared.store.session.sessions import tenant_session
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker, purge
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/settings"
REPORTS = f"/v1/tenants/{TENANT}/reports"
DAY = date(2026, 11, 26)
BOXES: list[Object] = [
    {
        "id": f"{percent}",
        "user_principal_name": f"{percent}",
        "storage_used_bytes": percent,
        "prohibit_send_receive_quota_bytes": 100,
        "deleted_item_count": percent,
    }
    for percent in (10, 50, 85)
]


def change(api: Api, **thresholds: object) -> Answer:
    body = {"thresholds": thresholds}
    seen = {"if-match": api.get(PATH).headers.get("ETag", "*")}
    return api.send("PATCH", PATH, {}, json.dumps(body).encode(), headers=seen)


def shown(answer: Answer) -> dict[str, tuple[int, bool]]:
    assert answer.status == 200, answer.json
    return {one["name"]: (one["value"], one["isSet"]) for one in answer.json["thresholds"]}


@pytest.fixture
def boxes(api: Api, app_engine: Engine) -> Api:
    for tenant in (TENANT, OTHER):
        collect(app_engine, tenant, "mailbox_usage", BOXES, report_date=DAY)
    return api


def states(api: Api, **query: object) -> list[str]:
    answer = api.send("GET", f"{REPORTS}/mailbox", {"orderBy": "usage_rate", **query})
    return [row["status"] for row in answer.json["rows"]]


def test_without_settings_the_defaults_are_shown_and_hold(boxes: Api) -> None:
    found = shown(boxes.get(PATH))
    assert found == {name: (one.default, False) for name, one in THRESHOLDS.items()}
    assert states(boxes) == ["normal", "normal", "warning"]


def test_what_a_tenant_sets_is_the_default_of_its_reports_and_of_no_other_tenants(
    boxes: Api,
) -> None:
    answer = change(boxes, mailboxWarningPercent=40, mailboxFullPercent=85)
    assert shown(answer)["mailboxWarningPercent"] == (40, True)
    assert states(boxes) == ["normal", "warning", "full"]
    assert states(boxes, mailboxFullPercent=86) == ["normal", "warning", "warning"]
    other = boxes.get(f"/v1/tenants/{OTHER}/reports/mailbox", orderBy="usage_rate").json["rows"]
    assert [row["status"] for row in other] == ["normal", "normal", "warning"]
    assert not any(
        is_set for _, is_set in shown(boxes.get(f"/v1/tenants/{OTHER}/settings")).values()
    )
    assert shown(change(boxes, mailboxWarningPercent=None))["mailboxWarningPercent"] == (80, False)
    assert shown(boxes.get(PATH))["mailboxFullPercent"] == (85, True)
    assert states(boxes) == ["normal", "normal", "full"]


def test_an_answer_says_which_values_it_went_by_and_who_said_so(boxes: Api) -> None:
    change(boxes, purgeItems=20)
    answer = boxes.get(f"{REPORTS}/mailbox", mailboxFullPercent=90)
    told = {one["name"]: (one["value"], one["source"]) for one in answer.json["parameters"]}
    assert told == {
        "mailboxWarningPercent": ("80", "default"),
        "mailboxFullPercent": ("90", "asked"),
        "purgeItems": ("20", "tenant"),
    }
    assert [row["purge_recommended"] for row in answer.json["rows"]] == [False, True, True]
    line = "mailboxWarningPercent=80, mailboxFullPercent=95, purgeItems=20"
    exported = boxes.get(f"{REPORTS}/mailbox", format="csv", select="id,purge_recommended")
    assert exported.headers["Kanri-Parameters"] == line
    assert exported.body.decode("utf-8-sig").split("\r\n")[1:4] == [
        "10,false",
        "50,true",
        "85,true",
    ]
    assert "Kanri-Parameters" not in boxes.get(f"{REPORTS}/conditional").headers


def test_a_change_ends_copies_and_a_walk_ends_as_it_began(boxes: Api) -> None:
    first = boxes.get(f"{REPORTS}/mailbox", top=1, orderBy="usage_rate")
    known = {"if-none-match": first.headers["ETag"]}
    assert boxes.get(f"{REPORTS}/mailbox", known, top=1, orderBy="usage_rate").status == 304
    change(boxes, mailboxWarningPercent=10)
    assert boxes.get(f"{REPORTS}/mailbox", known, top=1, orderBy="usage_rate").status == 200
    assert states(boxes) == ["warning", "warning", "warning"]
    found = list(first.json["rows"])
    answer = first
    while link := answer.json["nextLink"]:
        answer = boxes.follow(link)
        found += answer.json["rows"]
    assert [row["status"] for row in found] == ["normal", "normal", "warning"]
    again = boxes.get(f"{REPORTS}/mailbox", top=1, orderBy="usage_rate")
    assert again.json["cursor"] != first.json["cursor"]


@pytest.mark.parametrize(
    ("thresholds", "code", "parameter"),
    [
        ({"mailboxFullPercent": 0}, "number_expected", "mailboxFullPercent"),
        ({"mailboxFullPercent": 1001}, "number_expected", "mailboxFullPercent"),
        ({"staleDays": -5}, "number_expected", "staleDays"),
        ({"period": 7}, "threshold_unknown", "thresholds"),
        ({"nothing": 1}, "threshold_unknown", "thresholds"),
        ({"staleDays": "90"}, "body_invalid", "thresholds"),
        ({"staleDays": 1.5}, "body_invalid", "thresholds"),
    ],
)
def test_what_is_no_threshold_or_none_of_its_values_is_refused_and_nothing_is_set(
    api: Api, thresholds: dict[str, object], code: str, parameter: str
) -> None:
    answer = change(api, reviewDays=10, **thresholds)
    assert (answer.status, answer.json["code"]) == (400, code), answer.json
    assert answer.json["parameter"].startswith(parameter), answer.json
    assert not any(is_set for _, is_set in shown(api.get(PATH)).values())


def test_only_who_may_change_a_tenant_sets_its_thresholds(api: Api, make_key: KeyMaker) -> None:
    reader = api.as_caller(x_api_key=make_key("tenant:read"))
    assert reader.get(PATH).status == 200
    assert change(reader, staleDays=5).json["code"] == "permission_missing"
    foreign = api.as_caller(x_api_key=make_key("tenant:write", tenants=[OTHER]))
    assert change(foreign, staleDays=5).json["code"] == "tenant_forbidden"


def test_a_setting_that_is_out_of_bounds_by_now_counts_for_nothing(
    boxes: Api, app_engine: Engine
) -> None:
    TenantSettings(app_engine).change(TENANT, {"mailboxFullPercent": 5000, "gone": 1})
    assert states(boxes) == ["normal", "normal", "warning"]
    assert shown(boxes.get(PATH))["mailboxFullPercent"] == (95, False)


def test_settings_end_with_a_purge(api: Api, app_engine: Engine) -> None:
    change(api, staleDays=5)
    purge(api, TENANT)
    with tenant_session(app_engine, TENANT) as connection:
        assert connection.execute(text("SELECT FROM kanri.tenant_settings")).all() == []


def test_who_has_not_seen_what_is_set_by_now_changes_nothing(api: Api) -> None:
    body = b'{"thresholds": {"staleDays": 30}}'
    missing = api.send("PATCH", PATH, {}, body)
    assert (missing.status, missing.json["code"]) == (428, "if_match_missing")
    seen = {"if-match": api.get(PATH, lang="ja").headers["ETag"]}
    first = api.send("PATCH", PATH, {}, body, headers=seen)
    assert first.headers["ETag"] == api.get(PATH).headers["ETag"] != seen["if-match"]
    stale = api.send("PATCH", PATH, {}, b'{"thresholds": {"staleDays": 60}}', headers=seen)
    assert (stale.status, stale.json["code"]) == (412, "changed_meanwhile")
    assert shown(api.get(PATH))["staleDays"] == (30, True)


def test_of_two_who_have_seen_the_same_one_changes_it(api: Api) -> None:
    seen = {"if-match": api.get(PATH).headers["ETag"]}

    def set_days(days: int) -> int:
        body = json.dumps({"thresholds": {"staleDays": days}}).encode()
        return api.send("PATCH", PATH, {}, body, headers=seen).status

    with ThreadPoolExecutor(4) as callers:
        found = list(callers.map(set_days, range(30, 42)))
    assert sorted(found) == [200] + [412] * 11
