"""Formats over HTTP: `Accept` and `format=` ask alike, and every one tells how old its rows are."""

import io
import json

import openpyxl
import pytest

from shared.core.format import FORMATS
from shared.core.registry import of
from tests.api.conftest import TENANT, Api

pytestmark = pytest.mark.stack

USERS = f"/v1/tenants/{TENANT}/reports/users"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("form", list(of(FORMATS)))
def test_both_ways_ask_for_the_same(people: Api, form: str) -> None:
    media_type = of(FORMATS)[form].media_type
    asked = people.get(USERS, headers={"accept": media_type}, select="id,display_name")
    named = people.get(USERS, format=form, select="id,display_name")
    assert asked.status == named.status == 200
    assert asked.headers["Content-Type"] == named.headers["Content-Type"] == media_type
    assert "users=ok;age=" in named.headers["Kanri-Coverage"]
    assert "Accept" in named.headers["Vary"]
    # What is named goes before the header.
    other = people.get(USERS, headers={"accept": "text/html"}, format=form)
    assert other.headers["Content-Type"] == media_type


def test_what_nobody_writes_is_refused_with_what_there_is(people: Api) -> None:
    refused = people.get(USERS, headers={"accept": "image/png, text/csv;q=0"}, lang="ja")
    assert (refused.status, refused.json["code"]) == (406, "format_not_acceptable")
    assert refused.json["parameter"] == "Accept"
    for form in of(FORMATS).values():
        assert form.media_type.partition(";")[0] in refused.json["detail"]
    # A route that has one format does not look.
    assert (
        people.get(f"/v1/tenants/{TENANT}/reports", headers={"accept": "image/png"}).status == 200
    )


def test_every_line_is_a_row_as_a_page_has_it(people: Api) -> None:
    answer = people.get(USERS, format="ndjson")
    rows = people.get(USERS, top=1000).json["rows"]
    assert answer.body.endswith(b"\n")
    assert [json.loads(line) for line in answer.body.splitlines()] == rows
    assert answer.headers["Kanri-Row-Count"] == str(len(rows)) != "0"
    assert ".ndjson" in answer.headers["Content-Disposition"]


def test_a_workbook_has_the_rows_and_is_not_packed_twice(people: Api) -> None:
    answer = people.send("GET", USERS, {"format": "xlsx"}, headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Type"] == XLSX
    assert "Content-Encoding" not in answer.headers
    table, *_, about = openpyxl.load_workbook(io.BytesIO(answer.body)).worksheets
    page = people.get(USERS, top=1000).json
    assert [cell.value for cell in table[1]] == [column["title"] for column in page["columns"]]
    place = [column["id"] for column in page["columns"]].index("display_name")
    shown = [row[place].value for row in table.iter_rows(min_row=2)]
    assert shown == [row["display_name"] for row in page["rows"]]
    assert str(TENANT) in [cell.value for row in about for cell in row]
