"""Every row of every report is met once, in any order, and found by what it shows, however odd that is."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.collector import Collector
from shared.core.report import ReportColumn
from tests.api.conftest import TENANT, Api
from tests.fixtures.in_order import parents_first
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

# What no sample shows: signs of other scripts and of other languages, ends of ranges, other shapes.
ODD: Mapping[str, Sequence[object]] = {
    "text": (
        "",
        "\u202eabc",
        "e\u0301",
        "é",
        "\u0130",
        "ΟΔΟΣ",
        "👩\u200d👧",
        "a%2F+ b",
        "'\"\\N",
        "=1\t=2",
    ),
    "bool": (True, False),
    "int": (-1, 0, 2**63 - 1, -(2**63)),
    "float": (0.0, -1.5, 1e308),
    "timestamp": (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
    "date": (date(1, 1, 1), date(9999, 12, 31)),
    "json": ([], {}, "text", [None, 1, "a"], [{"skuId": 5}], {"users": {"includeUsers": "All"}}),
}
IDS = ("a%2Fb", "a+b", "a/b", "#?&=", "👩", "ID", "Id")


SHARED: Sequence[Mapping[str, object]] = (
    {"link_scope": "anonymous"},
    {"granted_to": {"user": {"email": "me@outside.example"}}},
)
# What every report shows that shows such objects.
SHOWN: Mapping[str, Sequence[Mapping[str, object]]] = {
    "users": (
        {"user_type": "Guest"},
        {"user_type": "Member", "account_enabled": True, "assigned_licenses": [{"skuId": "s"}]},
    ),
    "message_traces": ({"status": "quarantined"},),
    "teams_apps": ({"distribution_method": "organization"},),
    "tenant_configuration": ({"resource_type": "microsoft.teams.meetingpolicy"},),
    "inbox_rules": (
        {"actions": {"redirectTo": [{"emailAddress": {"address": "me@outside.example"}}]}},
    ),
    "drive_item_permissions": SHARED,
    "site_drive_item_permissions": SHARED,
}


def objects(spec: Collector) -> Iterator[dict[str, Any]]:
    """One object for each odd value of each column, and one for each odd id."""
    told = [column for column in spec.columns if column.source != "{parent}"]
    base = {c.name: clock.now() for c in told if c.name == spec.event_time}
    values = [(c.name, odd) for c in told if c.name != spec.event_time for odd in ODD[c.type]]
    for number, (name, odd) in enumerate(values):
        yield {**base, "id": f"o{number}", name: odd}
    yield from ({**base, "id": own} for own in IDS)


def fill(engine: Engine, dataset: str) -> None:
    spec = registry.collector(dataset)
    found = list(objects(spec))
    shown = cycle(SHOWN.get(dataset, ({},)))
    found = [{**each, **one} for each, one in zip(shown, found, strict=False)]
    if dataset == "members":
        parents = islice(cycle(f"o{n}" for n in range(5)), len(found))
        found = [
            {"member_id": one["id"], **one, "id": f"{parent}/{one['id']}"}
            for parent, one in zip(parents, found, strict=True)
        ]
    day = clock.now().date() - timedelta(days=2) if spec.shape == "measure" else None
    collect(engine, TENANT, dataset, found, report_date=day)


def fill_all(engine: Engine, needs: Sequence[str]) -> None:
    """Fill datasets, each after the one below whose objects it is read."""
    imported = filter(registry.is_imported, registry.kept())
    for dataset in (*parents_first(), *imported):
        if dataset in needs:
            fill(engine, dataset)


def key_of(row: Mapping[str, object], names: Sequence[str]) -> str:
    return json.dumps([row[name] for name in names])


def walked(api: Api, path: str, names: Sequence[str], order: str) -> list[str]:
    """The keys of all pages in the order they came."""
    seen: list[str] = []
    asked: dict[str, object] = {"top": 60, "orderBy": order, "select": ",".join(names)}
    while True:
        answer = api.send("GET", path, asked)
        assert answer.status == 200, (order, answer.json)
        seen += [key_of(row, names) for row in answer.json["rows"]]
        if answer.json["cursor"] is None:
            return seen
        asked["cursor"] = answer.json["cursor"]


def written(value: object, column: ReportColumn) -> str:
    """The value in the language of filters."""
    if value is None:
        return "null"
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted}'" if column.type == "text" else value
    return json.dumps(value)


@pytest.mark.parametrize("key", registry.report_keys())
def test_every_row_is_met_once_and_found_by_what_it_shows(
    api: Api, app_engine: Engine, key: str
) -> None:
    report, path = registry.report(key), f"/v1/tenants/{TENANT}/reports/{key}"
    fill_all(app_engine, report.needs)
    whole = api.get(path, top=1000, count="true", totals="true")
    assert whole.status == 200, whole.json
    rows = whole.json["rows"]
    keys = sorted(key_of(row, report.row_key) for row in rows)
    assert (len(rows), len(set(keys))) == (whole.json["totalCount"],) * 2, "one row each"
    columns = [column for column in report.columns if column.type != "json"]
    for column in columns:
        for order in (column.id, f"{column.id} desc"):
            assert sorted(walked(api, path, report.row_key, order)) == keys, order
        shown = {json.dumps(row[column.id]): row[column.id] for row in rows}
        for value in list(shown.values())[:12]:
            where = f"{column.id} eq {written(value, column)}"
            answer = api.get(path, top=1000, filter=where, select=",".join(report.row_key))
            assert answer.status == 200, (where, answer.json)
            told = {key_of(row, report.row_key) for row in rows if row[column.id] == value}
            assert told <= {key_of(row, report.row_key) for row in answer.json["rows"]}, where


@pytest.mark.parametrize("key", registry.report_keys())
@pytest.mark.parametrize(
    "form", [{}, {"compat": "powershell", "lang": "ja", "timeZone": "Pacific/Kiritimati"}]
)
def test_a_file_has_every_row_with_every_column(
    api: Api, app_engine: Engine, key: str, form: dict[str, str]
) -> None:
    fill_all(app_engine, registry.report(key).needs)
    path = f"/v1/tenants/{TENANT}/reports/{key}"
    answer = api.send("GET", path, {"format": "csv", **form})
    assert answer.status == 200
    text = answer.body.decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert len(lines) == api.get(path, top=1, count="true").json["totalCount"]
    assert {len(line) for line in lines} == {len(header)}
