"""What all rows come to: asked for, over the filter's rows, honest about what is not known."""

from datetime import date

import pytest
from sqlalchemy import Engine

from shared.core import registry
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.catalog.reports.answers import days_ago
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/reports"
DAY = date(2026, 11, 26)
MB = 1024**2
BOXES: list[Object] = [
    {
        "id": "a",
        "user_principal_name": "a",
        "storage_used_bytes": 10 * MB,
        "prohibit_send_receive_quota_bytes": 100 * MB,
        "item_count": 2**53,
        "deleted_item_count": 20_000,
        "recipient_type": "User",
    },
    {
        "id": "b",
        "user_principal_name": "b",
        "storage_used_bytes": 20 * MB,
        "prohibit_send_receive_quota_bytes": 200 * MB,
        "item_count": 2**53,
        "deleted_item_count": 5,
        "recipient_type": "Shared",
    },
    # Nothing is known of its limit, and of its items neither.
    {
        "id": "c",
        "user_principal_name": "c",
        "storage_used_bytes": 30 * MB,
        "recipient_type": "User",
    },
]


@pytest.fixture
def boxes(api: Api, app_engine: Engine) -> Api:
    collect(app_engine, TENANT, "mailbox_usage", BOXES, report_date=DAY)
    collect(app_engine, OTHER, "mailbox_usage", BOXES, report_date=DAY)
    return api


def totals(answer: Answer) -> dict[str, tuple[object, ...]]:
    assert answer.status == 200, answer.json
    return {
        one["column"]: (one["function"], one["value"], one["known"])
        for one in answer.json["totals"]
    }


def test_totals_are_those_of_all_rows_and_of_what_is_known(boxes: Api) -> None:
    answer = boxes.get(f"{PATH}/mailbox", totals="true", top=1)
    assert answer.json["rowCount"] == 1
    assert totals(answer) == {
        "storage_used_mb": ("sum", 60.0, 3),
        "storage_limit_mb": ("sum", 300.0, 2),
        # Of the two whose limit is known: 30 of 300, and not 60 of 300.
        "usage_rate": ("share", 10.0, 2),
        "item_count": ("sum", 2**54, 2),
        "deleted_item_count": ("sum", 20_005, 2),
        "purge_recommended": ("count", 1, 2),
    }


def test_totals_follow_the_filter_and_come_with_every_page(boxes: Api) -> None:
    answer = boxes.get(f"{PATH}/mailbox", totals="true", filter="mailbox_type eq 'User'", top=1)
    first = totals(answer)
    assert first["storage_used_mb"] == ("sum", 40.0, 2)
    assert totals(boxes.follow(answer.json["nextLink"])) == first


def test_of_nothing_there_is_no_total_and_that_is_not_zero(boxes: Api) -> None:
    found = totals(boxes.get(f"{PATH}/mailbox", totals="true", filter="id eq 'c'"))
    assert found["item_count"] == ("sum", None, 0)
    assert found["purge_recommended"] == ("count", None, 0)
    assert found["usage_rate"] == ("share", None, 0)
    nobody = totals(boxes.get(f"{PATH}/mailbox", totals="true", filter="id eq 'nobody'"))
    assert {value for _, value, _ in nobody.values()} == {None}


def test_totals_are_given_to_those_who_ask(boxes: Api) -> None:
    plain = boxes.get(f"{PATH}/mailbox")
    assert plain.json["totals"] is None
    asked = boxes.get(f"{PATH}/mailbox", {"if-none-match": plain.headers["ETag"]}, totals="true")
    assert asked.status == 200
    refused = boxes.get(f"{PATH}/mailbox", totals="true", format="csv")
    assert (refused.status, refused.json["parameter"]) == (400, "totals")
    assert boxes.get(f"{PATH}/conditional", totals="true").json["totals"] == []


def test_what_is_withheld_has_no_total(api: Api, app_engine: Engine, make_key: KeyMaker) -> None:
    """Of one row chosen by what anyone may see, the mean would be the value itself."""
    changed = [{"id": "u", "last_password_change_at": days_ago(40)}]
    collect(app_engine, TENANT, "users", changed)
    query = {"totals": "true", "filter": "id eq 'u'"}
    seen = api.send("GET", f"{PATH}/users", query)
    assert totals(seen) == {"password_age_days": ("avg", 40.0, 1)}
    masked = api.as_caller(x_api_key=make_key("report:read"))
    (total,) = masked.send("GET", f"{PATH}/users", query).json["totals"]
    assert total == {
        "column": "password_age_days",
        "function": "avg",
        "value": None,
        "masked": "withheld",
    }


@pytest.mark.parametrize("key", registry.report_keys())
def test_every_report_answers_with_its_totals(api: Api, key: str) -> None:
    answer = api.get(f"{PATH}/{key}", totals="true")
    assert answer.status == 200, answer.json
    declared = [one.id for one in registry.report(key).columns if one.total is not None]
    assert [one["column"] for one in answer.json["totals"]] == declared
