"""No cell that somebody typed is computed by a spreadsheet, and no other cell is touched."""

import csv
import io
import re

from hypothesis import given
from hypothesis import strategies as st

from shared.render.parts.csv_safety import neutraliser

_STARTS = "=+-@＝＋－＠"
_BLANKS = " \t\r\n\v\f\xa0\u200b\u3000\ufeff"
_cells = st.lists(
    st.text(alphabet='=+-@;＝＠ \t\r\n\xa0\u3000,"ab1é田', max_size=6), min_size=1, max_size=5
)


def _row(cells: list[str], *, quote_all: bool) -> bytes:
    file = io.StringIO()
    csv.writer(
        file, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL, lineterminator=""
    ).writerow(cells)
    return file.getvalue().encode()


def _safe(cell: str) -> str:
    live = cell[:1] in ("\t", "\r", "\n") or cell.lstrip(_BLANKS)[:1] in tuple(_STARTS)
    inside = re.sub(rf"([;\t\r\n][{_BLANKS}\"]*)(?=[=+\-@＝＋－＠])", r"\1'", cell)
    return f"'{inside}" if cell and live else inside


def _computed(line: str, separator: str) -> list[str]:
    """The cells of one file in which a spreadsheet that separates by `separator` would compute."""
    rows = csv.reader(io.StringIO(line, newline=""), delimiter=separator)
    return [cell for row in rows for cell in row if cell.lstrip(_BLANKS)[:1] in tuple(_STARTS)]


@given(
    st.lists(st.text(alphabet=';=+@",\t\n a', max_size=8), min_size=1, max_size=4), st.booleans()
)
def test_nothing_is_computed_whichever_sign_separates(cells: list[str], quote_all: bool) -> None:
    (made_safe,) = neutraliser(range(len(cells)))([_row(cells, quote_all=quote_all)])
    line = made_safe.decode()
    assert [_computed(line, separator) for separator in (",", ";", "\t")] == [[], [], []]


def test_a_cell_after_a_semicolon_or_a_line_break_is_dead() -> None:
    rows = [b"x;=1+1,y", b'a,"b;=1,2"', b'"c\n=1",d', b'e,"f;""=1;"', b"g; ;h,i"]
    assert neutraliser([0, 1])(rows) == [
        b"x;'=1+1,y",
        b'a,"b;\'=1,2"',
        b'"c\n\'=1",d',
        b'e,"f;""\'=1;"',
        b"g; ;h,i",
    ]


def test_what_hides_is_shown() -> None:
    names = [
        "ab\u202ecd",
        "\u2066x",
        "a\x1b[2J",
        "\x85",
        "\u061c",
        "tab\there",
        "👩\u200d👧",
        "佐藤",
    ]
    made = [row.decode() for row in neutraliser([0])([name.encode() for name in names])]
    assert made == ["ab�cd", "�x", "a�[2J", "�", "�", "tab\there", "👩\u200d👧", "佐藤"]


@given(_cells, st.booleans())
def test_live_cells_of_text_columns_get_an_apostrophe_and_nothing_else_changes(
    cells: list[str], quote_all: bool
) -> None:
    text_columns = set(range(0, len(cells), 2))
    (made_safe,) = neutraliser(text_columns)([_row(cells, quote_all=quote_all)])
    expected = [_safe(cell) if n in text_columns else cell for n, cell in enumerate(cells)]
    assert next(csv.reader(io.StringIO(made_safe.decode(), newline=""))) == expected


@given(st.lists(_cells, min_size=1, max_size=6), st.booleans())
def test_a_chunk_that_is_passed_as_a_whole_is_what_looking_at_each_row_makes_of_it(
    chunk: list[list[str]], quote_all: bool
) -> None:
    rows, neutralise = [_row(cells, quote_all=quote_all) for cells in chunk], neutraliser(range(5))
    # A suspect has all rows of its chunk looked at.
    assert neutralise(rows) == neutralise([*rows, b"=1"])[:-1]


def test_an_empty_last_cell_is_no_suspect() -> None:
    harmless = [b"Haruka,", b'Taro,""', b",", b""]
    assert neutraliser([0, 1])(harmless) is harmless


def test_a_negative_number_stays_a_number() -> None:
    assert neutraliser([0])([b"Haruka,-5", b"-Taro,1"]) == [b"Haruka,-5", b"'-Taro,1"]


def test_a_cell_after_a_tab_is_dead_too() -> None:
    """LibreOffice separates by comma, semicolon and tab unless told otherwise."""
    rows = [b"x\t=1+1,y", b'a,"b\t ""=1,2"', b"c\td,e", "f\t＝1,g".encode()]
    assert neutraliser([0, 1])(rows) == [
        b"x\t'=1+1,y",
        b'a,"b\t ""\'=1,2"',
        b"c\td,e",
        "f\t'＝1,g".encode(),
    ]
