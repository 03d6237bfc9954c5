"""A report at two instants: what was added, removed and changed, counted again from the two answers."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.clock import written
from shared.store.answers.comparing import comparison
from tests.api.conftest import TENANT, Api, KeyMaker
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/reports"
NOW = clock.now().replace(microsecond=0)


def days(count: float) -> datetime:
    return NOW - timedelta(days=count)


def ann(number: int, **more: object) -> Object:
    own: dict[str, object] = {"id": f"u{number:02}", "display_name": f"Name {number:02}"}
    return own | {"department": "Sales", "user_type": "Member"} | more


@pytest.fixture
def changed(api: Api, app_engine: Engine) -> Api:
    """Thirty people; then ten of them are gone, ten have moved and five are new."""
    then = [ann(n) for n in range(30)]
    now = [ann(n) for n in range(10, 20)] + [ann(n, department="Law") for n in range(20, 30)]
    collect(app_engine, TENANT, "users", then, at=days(3))
    collect(app_engine, TENANT, "sign_in_activity", [{"id": "u15"}], at=days(3))
    collect(app_engine, TENANT, "users", [*now, *(ann(n) for n in range(30, 35))], at=days(1))
    collect(app_engine, TENANT, "sign_in_activity", [{"id": "u15"}], at=days(1))
    return api


def compare(api: Api, key: str = "users", **asked: object) -> dict[str, Any]:
    answer = api.send(
        "GET", f"{PATH}/{key}/changes", {"since": written(days(2)), "top": 1000, **asked}
    )
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def differences(api: Api, key: str, since: datetime) -> dict[str, tuple[str, list[str]]]:
    """By row key how each row differs, from the two whole answers: Python, and not the statement compared."""
    report = registry.report(key)
    sides = []
    for asked in ({"asOf": written(since)}, {}):
        rows = api.send("GET", f"{PATH}/{key}", {"top": 1000, **asked}).json["rows"]
        sides.append({json.dumps([row[name] for name in report.row_key]): row for row in rows})
    then, now = sides
    found = {name: ("added", list[str]()) for name in now.keys() - then.keys()}
    found |= {name: ("removed", list[str]()) for name in then.keys() - now.keys()}
    for name in now.keys() & then.keys():
        own = [
            column.id
            for column in report.columns
            if now[name][column.id] != then[name][column.id]
            and not (column.tells_time and column.type in ("int", "float"))
        ]
        if own:
            found[name] = ("changed", own)
    return found


def by_key(key: str, found: Mapping[str, Any]) -> dict[str, tuple[str, list[str]]]:
    names = registry.report(key).row_key
    return {
        json.dumps([row[name] for name in names]): (
            row["change"],
            row["changed"].split(",") if row["changed"] else [],
        )
        for row in found["rows"]
    }


def test_rows_are_added_removed_and_changed(changed: Api) -> None:
    found = compare(changed)
    assert by_key("users", found) == differences(changed, "users", days(2))
    kinds = [row["change"] for row in found["rows"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {"added": 5, "removed": 10, "changed": 10}
    moved = next(row for row in found["rows"] if row["id"] == "u20")
    assert (moved["department_before"], moved["department"]) == ("Sales", "Law")
    assert (moved["changed"], moved["display_name_before"]) == ("department", "Name 20")
    gone = next(row for row in found["rows"] if row["id"] == "u00")
    assert (gone["display_name"], gone["display_name_before"]) == (None, "Name 00")
    assert (found["compared"]["asOf"], found["compared"]["coverage"][0]["state"]) == (
        written(days(2)),
        "ok",
    )


def test_what_comes_into_a_second_list_is_the_same_row(api: Api, app_engine: Engine) -> None:
    laptop: Object = {"id": "d", "device_id": "h", "display_name": "LAPTOP-1"}
    app: Object = {"id": "sp", "app_id": "a", "display_name": "Payroll"}
    for count, enrolled in ((3, "other"), (1, "h")):
        at = days(count)
        collect(app_engine, TENANT, "devices", [laptop], at=at)
        managed = [{"id": "m", "azure_ad_device_id": enrolled}]
        collect(app_engine, TENANT, "managed_devices", managed, at=at)
        collect(app_engine, TENANT, "service_principals", [app], at=at)
        registered = [{"id": "r", "app_id": "other" if enrolled == "other" else "a"}]
        collect(app_engine, TENANT, "applications", registered, at=at)
    for key, own, before in (("devices", "d", "entra"), ("applications", "sp", "principals")):
        row = next(row for row in compare(api, key)["rows"] if row["id"] == own)
        assert (row["change"], row["found_in_before"], row["found_in"]) == (
            "changed",
            before,
            "both",
        )


def test_filters_pages_and_files_say_the_same(changed: Api) -> None:
    whole = compare(changed, count="true")
    assert whole["totalCount"] == whole["rowCount"] == 25
    some = compare(changed, filter="change eq 'changed' and contains(changed,'department')")
    assert [row["id"] for row in some["rows"]] == [f"u{n}" for n in range(20, 30)]
    assert (
        compare(changed, filter="department_before eq 'Sales' and department ne 'Sales'")[
            "rowCount"
        ]
        == 20
    )
    parts, asked = [], {"since": written(days(2)), "top": 7, "orderBy": "change desc,display_name"}
    answer = changed.send("GET", f"{PATH}/users/changes", asked)
    while True:
        parts += answer.json["rows"]
        if answer.json["nextLink"] is None:
            break
        answer = changed.follow(answer.json["nextLink"])
    assert sorted(map(json.dumps, parts)) == sorted(map(json.dumps, whole["rows"]))
    assert [row["change"] for row in parts] == sorted(
        (row["change"] for row in parts), reverse=True
    )
    file = changed.get(f"{PATH}/users/changes", since=written(days(2)), format="csv")
    lines = list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert (len(lines), file.headers["Kanri-Row-Count"]) == (25, "25")
    assert file.headers["Kanri-Compared-With"] == written(days(2))
    assert "users=ok" in file.headers["Kanri-Compared-Coverage"]
    assert {line["Change"] for line in lines} == {"Added", "Removed", "Changed"}


def test_what_was_never_read_is_neither_removed_nor_changed(api: Api, app_engine: Engine) -> None:
    """Of registrations nobody knew anything; of the accounts everybody knew."""
    collect(app_engine, TENANT, "users", [ann(1), ann(2)], at=days(3))
    collect(app_engine, TENANT, "users", [ann(1), ann(3)], at=days(1))
    seen = [{"id": f"u{n:02}", "last_successful_sign_in_at": days(9)} for n in (1, 3)]
    collect(app_engine, TENANT, "sign_in_activity", seen, at=days(1))
    found = compare(api)
    assert by_key("users", found) == {'["u02"]': ("removed", []), '["u03"]': ("added", [])}
    states = {one["dataset"]: one["state"] for one in found["compared"]["coverage"]}
    assert states["sign_in_activity"] == "never"
    collect(
        app_engine, TENANT, "user_registration_details", [{"id": "u01"}, {"id": "x"}], at=days(1)
    )
    kinds = {row["id"]: row["change"] for row in compare(api, "mfa")["rows"]}
    assert kinds["x"] == "unread_before"
    assert "removed" not in {kinds[name] for name in ("x", "u03")}


def test_what_may_not_be_seen_is_no_change(
    api: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    collect(app_engine, TENANT, "users", [ann(n, job_title="Old") for n in range(4)], at=days(3))
    now = [
        ann(0, job_title="New", last_password_change_at=days(2)),
        ann(1, display_name="Other"),
        ann(2, department="Law"),
        ann(3, display_name="nAME 03", job_title="Old"),
    ]
    collect(app_engine, TENANT, "users", now, at=days(1))
    masked = api.as_caller(x_api_key=make_key("report:read"))
    answer = masked.get(f"{PATH}/users/changes", since=written(days(2)))
    rows = {row["id"]: row for row in answer.json["rows"]}
    assert answer.headers["Kanri-Personal-Data"] == "masked"
    personal = {c["id"] for c in answer.json["columns"] if c.get("masked") == "withheld"}
    for row in rows.values():
        assert personal.isdisjoint(row["changed"].split(","))
        assert all(row[name] is None for name in personal)
    assert rows["u01"]["changed"].split(",")[0] == "display_name"
    assert rows["u01"]["display_name"].startswith("p_")
    assert rows["u01"]["display_name"] != rows["u01"]["display_name_before"]
    assert "u03" not in rows
    assert not [word for word in (b"Name", b"Other") if word in answer.body]
    refused = masked.get(f"{PATH}/users/changes", filter="password_age_days_before gt 9")
    assert (refused.status, refused.json["code"]) == (403, "column_withheld")


def test_instants_that_make_no_sense_are_refused(changed: Api) -> None:
    for asked, code in (
        ({"since": written(NOW), "asOf": written(days(1))}, "since_after"),
        ({"since": written(days(9))}, "as_of_too_early"),
        ({"since": "yesterday"}, "instant_expected"),
    ):
        answer = changed.send("GET", f"{PATH}/users/changes", asked)
        assert (answer.status, answer.json["code"], answer.json["parameter"]) == (
            400,
            code,
            "since",
        )
    first = changed.get(f"{PATH}/users/changes", since=written(days(2)), top=1).json["cursor"]
    other = changed.get(f"{PATH}/users/changes", since=written(days(1)), top=1, cursor=first)
    assert other.json["code"] == "cursor_foreign"
    kept = changed.get(f"{PATH}/users/changes", since=written(days(2)))
    again = {"if-none-match": kept.headers["ETag"]}
    assert changed.get(f"{PATH}/users/changes", again, since=written(days(2))).status == 304


@pytest.fixture(scope="module")
def lost(odd: Api) -> tuple[Api, datetime]:
    """The API where all but one of the objects of each dataset are gone since an instant."""
    moment = clock.now()
    for dataset in registry.datasets():
        collector = registry.collector(dataset)
        if collector.shape == "entity" and collector.parent is None:
            collect(odd.doors.engine, TENANT, dataset, [{"id": "o0"}])
    return odd, moment


@pytest.mark.parametrize("key", registry.report_keys())
def test_every_report_is_compared_with_itself_without_a_difference(
    lost: tuple[Api, datetime], key: str
) -> None:
    """And what it lost meanwhile is what the two answers show."""
    api, moment = lost
    columns = [column.id for column in comparison(registry.report(key)).columns]
    assert len(columns) == len(set(columns))
    same = api.get(f"{PATH}/{key}/changes", since=written(moment), asOf=written(moment))
    assert same.status == 200, same.json
    assert same.json["rows"] == []
    found = api.get(f"{PATH}/{key}/changes", since=written(moment), top=1000)
    assert found.status == 200, found.json
    assert by_key(key, found.json) == differences(api, key, moment)
