"""Switching datasets that cost many requests by HTTP: what they take, who may, what answers say then."""

import json

import pytest
from sqlalchemy import Engine

from shared.core.registry import collector, datasets
from tests.api.conftest import TENANT, Answer, Api, KeyMaker
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

SETTINGS = f"/v1/tenants/{TENANT}/settings"
COLLECTIONS = f"/v1/tenants/{TENANT}/collections"
RULES = "inbox_rules"
USERS: list[Object] = [
    {"id": f"{number}", "mail": f"{number}@contoso.example", "user_type": "Member"}
    for number in range(904)
]


def change(api: Api, **switches: object) -> Answer:
    seen = {"if-match": api.get(SETTINGS).headers.get("ETag", "*")}
    body = json.dumps({"datasets": switches}).encode()
    return api.send("PATCH", SETTINGS, {}, body, headers=seen)


def on(api: Api) -> set[str]:
    return {one["dataset"] for one in api.get(SETTINGS).json["datasets"] if one["isOn"]}


def taken(api: Api, dataset: str) -> dict[str, object]:
    answer = api.get(f"{COLLECTIONS}/estimates")
    assert answer.status == 200, answer.json
    assert len(answer.json["datasets"]) == len(datasets())
    [found] = [one for one in answer.json["datasets"] if one["dataset"] == dataset]
    return dict(found)


def test_all_that_is_costly_is_listed_and_off(api: Api) -> None:
    listed = {one["dataset"]: one["needs"] for one in api.get(SETTINGS).json["datasets"]}
    assert set(listed) == {name for name in datasets() if collector(name).costly}
    assert listed["drive_items"] == ["user_drives"]
    assert on(api) == set()
    declared = {one["dataset"]: one["costly"] for one in api.get("/v1/datasets").json["datasets"]}
    assert {name for name, costly in declared.items() if costly} == set(listed)


def test_what_one_takes_is_told_before_it_is_switched_on(api: Api, app_engine: Engine) -> None:
    told = taken(api, RULES)
    assert (told["isOn"], told["costly"], told["waitsFor"], told["cost"]) == (
        False,
        True,
        "users",
        None,
    )
    collect(app_engine, TENANT, "users", USERS)
    told = taken(api, RULES)
    assert (told["parents"], told["waitsFor"], told["state"]) == (904, None, None)
    # 4 at once, then 15 a second: a minute.
    assert told["cost"] == {"requests": 904, "units": 904, "minutes": 1.0, "days": None}
    assert taken(api, "users")["isOn"] is True


def test_switching_is_kept_and_told(api: Api) -> None:
    tag = api.get(SETTINGS).headers["ETag"]
    answer = change(api, **{RULES: True, "user_drives": True})
    assert (answer.status, on(api)) == (200, {RULES, "user_drives"})
    assert answer.headers["ETag"] != tag
    assert taken(api, RULES)["isOn"] is True
    assert taken(api, "drive_items")["isOn"] is False
    change(api, **{RULES: False})
    assert on(api) == {"user_drives"}


@pytest.mark.parametrize(
    ("switches", "status", "code"),
    [
        ({"users": False}, 400, "dataset_always_read"),
        ({"nothing": True}, 404, "dataset_unknown"),
        ({RULES: 1}, 400, "body_invalid"),
        ({RULES: None}, 400, "body_invalid"),
    ],
)
def test_what_cannot_be_switched_is_refused_and_nothing_is(
    api: Api, switches: dict[str, object], status: int, code: str
) -> None:
    answer = change(api, user_drives=True, **switches)
    assert (answer.status, answer.json["code"]) == (status, code), answer.json
    assert on(api) == set()


def test_only_who_may_change_a_tenant_switches(api: Api, make_key: KeyMaker) -> None:
    reader = api.as_caller(x_api_key=make_key("tenant:read", "collection:read"))
    assert reader.get(f"{COLLECTIONS}/estimates").status == 200
    assert change(reader, **{RULES: True}).json["code"] == "permission_missing"


def test_a_report_says_of_what_is_off_that_it_is(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", USERS[:3])
    collect(app_engine, TENANT, RULES, [], state="off", cause="not_switched_on")
    path = f"/v1/tenants/{TENANT}/reports/forwarding"
    coverage = {one["dataset"]: one for one in api.get(path, lang="ja").json["coverage"]}
    assert (coverage[RULES]["state"], coverage[RULES]["cause"]) == ("off", "not_switched_on")
    assert "有効化されていません" in coverage[RULES]["note"]
    standing = {one["dataset"]: one for one in api.get(COLLECTIONS).json["datasets"]}
    assert standing[RULES]["state"] == "off"
    test = {
        one["test_id"]: one for one in api.get(f"/v1/tenants/{TENANT}/reports/test").json["rows"]
    }
    assert test[f"collect:{RULES}"]["result"] == "off"
