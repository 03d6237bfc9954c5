"""Every row of every report is met once, in any order, and found by what it shows, however odd that is."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence

import pytest

from shared.core import registry
from shared.core.report import ReportColumn
from tests.api.conftest import TENANT, Api

pytestmark = [pytest.mark.stack, pytest.mark.slow]

# Every column up and down, every value that is shown; else each column one way, four of its values.
WHOLE = os.environ.get("EVERY_ROW") == "all"


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
def test_every_row_is_met_once_and_found_by_what_it_shows(odd: Api, key: str) -> None:
    api, report, path = odd, registry.report(key), f"/v1/tenants/{TENANT}/reports/{key}"
    whole = api.get(path, top=1000, count="true", totals="true")
    assert whole.status == 200, whole.json
    rows = whole.json["rows"]
    keys = sorted(key_of(row, report.row_key) for row in rows)
    assert (len(rows), len(set(keys))) == (whole.json["totalCount"],) * 2, "one row each"
    columns = [column for column in report.columns if column.type != "json"]
    for number, column in enumerate(columns):
        orders = (column.id, f"{column.id} desc")
        for order in orders if WHOLE else orders[number % 2 :][:1]:
            assert sorted(walked(api, path, report.row_key, order)) == keys, order
        shown = {json.dumps(row[column.id]): row[column.id] for row in rows}
        for value in list(shown.values())[: None if WHOLE else 4]:
            where = f"{column.id} eq {written(value, column)}"
            answer = api.get(path, top=1000, filter=where, select=",".join(report.row_key))
            assert answer.status == 200, (where, answer.json)
            told = {key_of(row, report.row_key) for row in rows if row[column.id] == value}
            assert told <= {key_of(row, report.row_key) for row in answer.json["rows"]}, where


@pytest.mark.parametrize("key", registry.report_keys())
@pytest.mark.parametrize(
    "form", [{}, {"compat": "powershell", "lang": "ja", "timeZone": "Pacific/Kiritimati"}]
)
def test_a_file_has_every_row_with_every_column(odd: Api, key: str, form: dict[str, str]) -> None:
    path = f"/v1/tenants/{TENANT}/reports/{key}"
    answer = odd.send("GET", path, {"format": "csv", **form})
    assert answer.status == 200
    text = answer.body.decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert len(lines) == odd.get(path, top=1, count="true").json["totalCount"]
    assert {len(line) for line in lines} == {len(header)}
