"""A file that is imported: what is read of it, and which place is named where it does not fit."""

from datetime import UTC, date, datetime

import pytest

from shared.core.declarations import of
from shared.core.errors import BadRequest
from shared.core.import_file import read_import
from shared.core.imported import IMPORTS, Import
from shared.core.registry import collector, datasets, kept
from shared.store.schema.dataset_tables import dataset_table

PRICES, USAGE = of(IMPORTS)["license_prices"], of(IMPORTS)["teams_app_usage"]
ERRORS = of(IMPORTS)["onedrive_sync_errors"]
SKU = "6fd2c87f-b296-42f0-b197-1e91e994b900"
HEAD = "sku_id,monthly_unit_price,currency,valid_from"
LINE = f"{SKU},3380,JPY,2026-04-01"

every_import = pytest.mark.parametrize("spec", of(IMPORTS).values(), ids=list(of(IMPORTS)))


def refused(spec: Import, text: str | bytes) -> tuple[str, dict[str, object]]:
    body = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(BadRequest) as error:
        read_import(spec, body)
    assert error.value.message("ja") != error.value.message("en")
    return error.value.code, error.value.params


@every_import
def test_an_import_is_a_dataset_that_is_kept_and_never_collected(spec: Import) -> None:
    assert spec.dataset in kept()
    assert spec.dataset not in datasets()
    assert collector(spec.dataset) is collector(spec.dataset) == spec.stored
    assert collector(spec.dataset).permissions == ()
    names = {column.source for column in spec.columns}
    assert {*spec.key, *spec.optional, *spec.checks} <= names
    assert {"tenant_id", "id", *(c.name for c in spec.columns)} <= {
        c.name for c in dataset_table(spec.stored).columns
    }


@every_import
def test_its_example_is_read(spec: Import) -> None:
    file = read_import(spec, spec.example.encode())
    assert len(file.ids) == 1
    assert file.others == ()
    assert None not in file.values[0]


@every_import
@pytest.mark.parametrize("number", range(6))
def test_a_cell_that_is_missing_is_named_by_line_and_column(spec: Import, number: int) -> None:
    head, line = (row.split(",") for row in spec.example.splitlines())
    if number >= len(head):
        return
    body = "\r\n".join([",".join(head), ",".join([*line[:number], "", *line[number + 1 :]])])
    if head[number] in spec.optional:
        assert len(read_import(spec, body.encode()).ids) == 1
    else:
        code, told = refused(spec, body)
        assert (code, told["line"], told["column"]) == ("import_cell", 2, number + 1)
        assert told["header"] == head[number]


def test_values_are_typed_and_headers_are_found_however_they_are_spelled() -> None:
    head = "Currency, SKU-Id ,Valid From,MONTHLY_UNIT_PRICE,Note"
    line = f'jpy,{{{SKU.upper()}}},2026-04-01," 3380.50 ","a ""b"", c"'
    for mark in (b"", b"\xef\xbb\xbf"):
        for end in ("\n", "\r\n"):
            file = read_import(PRICES, mark + f"{head}{end}{line}{end}{end}".encode())
            assert file.values == [(SKU, 3380.5, "JPY", date(2026, 4, 1))]
            assert file.ids == [f"{SKU}/2026-04-01"]
            assert file.others == ("Note",)
            assert file.cells[0]["Note"] == 'a "b", c'
            assert file.cells[0]["monthly_unit_price"] == " 3380.50 ", "kept as it was sent"


def test_the_same_in_other_letters_is_told_from_nothing_else() -> None:
    """Ids are made of the cells, and no cell can make the id of two others."""
    lines = ("a/b,c,1,2026-01-01", "a,b/c,2,2026-01-01", "a%2Fb,c,3,2026-01-01", "a,,,")
    body = "\n".join(["app,publisher,active_users,last_used", *lines])
    file = read_import(USAGE, body.encode())
    assert len(set(file.ids)) == 4
    assert file.values[3] == ("a", "", None, None)


def test_optional_columns_may_be_left_out() -> None:
    file = read_import(ERRORS, b"user,error\r\nu@contoso.example,x\r\n")
    assert file.values == [("u@contoso.example", "", "x", None, None)]


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2026-01-30T08:15:00Z", datetime(2026, 1, 30, 8, 15, tzinfo=UTC)),
        ("2026-01-30T17:15:00+09:00", datetime(2026, 1, 30, 8, 15, tzinfo=UTC)),
        ("2026-01-30 08:15", datetime(2026, 1, 30, 8, 15, tzinfo=UTC)),
        ("2026-01-30", datetime(2026, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read(cell: str, instant: datetime) -> None:
    file = read_import(ERRORS, f"user,device,error,seen\nu,d,e,{cell}\n".encode())
    assert file.values[0][-1] == instant


@pytest.mark.parametrize(
    ("spec", "cells", "column", "reason"),
    [
        (PRICES, f"{SKU},1e3,JPY,2026-04-01", 2, "like 1234.56"),
        (PRICES, f"{SKU},nan,JPY,2026-04-01", 2, "like 1234.56"),
        (PRICES, f'{SKU},"3,380",JPY,2026-04-01', 2, "like 1234.56"),
        (PRICES, f"{SKU},３３８０,JPY,2026-04-01", 2, "like 1234.56"),
        (PRICES, f"{SKU},-1,JPY,2026-04-01", 2, "0 or more"),
        (PRICES, f"{SKU},1,¥,2026-04-01", 3, "three letters"),
        (PRICES, f"{SKU},1,JPY,2026-02-30", 4, "2026-01-31"),
        (PRICES, f"{SKU},1,JPY,2026-W14-1", 4, "2026-01-31"),
        (PRICES, "ENTERPRISEPACK,1,JPY,2026-04-01", 1, "GUID"),
        (ERRORS, "u,d,e,1.5,2026-01-30", 4, "whole number"),
        (ERRORS, "u,d,e,1,yesterday", 5, "an instant"),
        (ERRORS, "u,d,e,1,0001-01-01T00:00:00+09:00", 5, "an instant"),
        (ERRORS, f"u,d,{'e' * 301},1,2026-01-30", 3, "too long"),
        (ERRORS, f"u,d,{'e' * 2001},1,2026-01-30", 3, "too long"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(
    spec: Import, cells: str, column: int, reason: str
) -> None:
    """The line is the one that an editor shows: a cell before it holds a line break."""
    head = ",".join(one.source for one in spec.columns)
    note = ',"a\nb"\n'
    good = spec.example.splitlines()[1]
    code, told = refused(spec, f"{head},note\n{good}{note}\n{cells},x\n")
    assert (code, told["line"], told["column"]) == ("import_cell", 5, column)
    assert reason in read_error(spec, f"{head}\n{cells}\n")


def read_error(spec: Import, text: str) -> str:
    with pytest.raises(BadRequest) as error:
        read_import(spec, text.encode())
    return error.value.message()


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "import_header_missing", {"header": "sku_id"}),
        ("sku_id,currency,valid_from\n", "import_header_missing", {"header": "monthly_unit_price"}),
        (f"{HEAD},Sku Id\n", "import_header_twice", {"column": 5}),
        (f"{HEAD}\n{LINE},1\n", "import_width", {"line": 2, "cells": 5, "headers": 4}),
        (f"{HEAD}\n\n{LINE}\n{LINE}\n", "import_line_twice", {"line": 4, "first": 3}),
        (f'{HEAD}\n{LINE}\n"{LINE}\n', "import_not_csv", {"line": 3}),
        (f'{HEAD}\n{LINE}\n"a"b,{LINE}\n', "import_not_csv", {"line": 3}),
        (f"{HEAD}\n{LINE}\n\x00", "import_not_utf8", {"line": 3}),
        (f"{HEAD}\n{LINE}\n単価".encode("cp932"), "import_not_utf8", {"line": 3}),
        (f"{HEAD}\n{LINE}\n".encode("utf-16"), "import_not_utf8", {"line": 1}),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_place(
    text: str | bytes, code: str, told: dict[str, object]
) -> None:
    found, params = refused(PRICES, text)
    assert found == code
    assert told.items() <= params.items()


def test_a_file_has_a_bound() -> None:
    lines = (f"a{n},x,1,2026-01-01" for n in range(3))
    body = "\n".join(["app,publisher,active_users,last_used", *lines]).encode()
    assert len(read_import(USAGE, body, most=3).ids) == 3
    with pytest.raises(BadRequest, match="import_too_long"):
        read_import(USAGE, body, most=2)
