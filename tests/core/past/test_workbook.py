"""A workbook of Excel: the cells of its first sheet, and what a prepared one cannot do."""

import io
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.core.past.reading import Asked, Reading
from shared.core.past.refused import Refused
from shared.core.past.workbook import Formula, lines_of

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINK = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
HEAD = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>UserPrincipalName</t></is></c>'
    '<c r="C1" t="str"><v>CreationDate</v></c><c r="D1" t="s"><v>1</v></c></row>'
)
STRINGS = (
    "<si><t>DisplayName</t></si><si><r><t>Depart</t></r><r><t>ment</t></r></si>"
    "<si><t>安藤</t><rPh sb='0' eb='2'><t>アンドウ</t></rPh></si>"
)
USER = (
    '<row r="3"><c r="A3" t="s"><v>2</v></c><c r="B3" t="inlineStr"><is><t>a@x.example</t></is></c>'
    '<c r="C3"><v>45857.25</v></c></row>'
)
NAME = "users_20250719_060000.xlsx"


def book(rows: str, strings: str = STRINGS, **other: str) -> bytes:
    parts = {
        "xl/workbook.xml": f'<workbook {MAIN} {LINK}><sheets><sheet name="一" sheetId="7" r:id="rId9"/>'
        '<sheet name="zwei" sheetId="8" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="rId1" Target="worksheets/other.xml"/>'
        '<Relationship Id="rId9" Target="worksheets/first.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {MAIN}>{strings}</sst>",
        "xl/worksheets/first.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
        **other,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


def refused(body: bytes) -> str:
    with pytest.raises(Refused) as error:
        list(lines_of(body))
    return error.value.why


def test_the_first_sheet_is_read_by_what_its_cells_hold() -> None:
    reading = Reading(book(HEAD + USER), Asked(name=NAME, zone=ZoneInfo("Asia/Tokyo")))
    created = datetime(2025, 7, 18, 21, tzinfo=UTC)
    user = {"display_name": "安藤", "user_principal_name": "a@x.example", "created_at": created}
    assert list(reading.lines()) == [(3, user)]
    assert (reading.vocabulary.report, reading.sheet.form) == ("users", "xlsx")


def test_what_a_formula_comes_to_is_not_taken() -> None:
    formula = '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="inlineStr"><is><t>a@x.example</t></is></c></row>'
    ((_, cells),) = list(lines_of(book(formula)))
    assert isinstance(cells[0], Formula)
    reading = Reading(book(HEAD + formula), Asked(name=NAME, zone=ZoneInfo("UTC")))
    ((_, values),) = list(reading.lines())
    assert values == {"user_principal_name": "a@x.example"}
    assert dict(reading.columns[0].unread) == {"formula": 1}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x03\x04" + b"x" * 100, "workbook"),
        (book(HEAD)[:-40], "workbook"),
        (book("<row><c r='A1'><v>1</v></row>"), "workbook"),
        (book(f"{HEAD}" + "<row/>" * 5_000_000), "bomb"),
        (
            book(
                "",
                **{
                    "xl/worksheets/first.xml": '<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'
                },
            ),
            "workbook",
        ),
        (book("", **{f"xl/part{n}.xml": "" for n in range(2_001)}), "bomb"),
    ],
    ids=["no archive", "half", "broken", "bomb", "entity", "parts"],
)
def test_a_prepared_workbook_is_refused(body: bytes, why: str) -> None:
    assert refused(body) == why


def test_a_line_that_says_it_is_the_millionth_and_a_column_far_out_cost_nothing() -> None:
    far = '<row r="999999999"><c r="XFD9" t="str"><v>x</v></c><c r="A9" t="str"><v>y</v></c></row>'
    assert list(lines_of(book(far))) == [(1, ["y"])]
