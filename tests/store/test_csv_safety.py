"""No cell that somebody typed is computed by a spreadsheet, and no other cell is touched."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from shared.store.csv_safety import neutraliser

_STARTS = "=+-@＝＋－＠"
_BLANKS = " \t\r\n\v\f\xa0\u200b\u3000\ufeff"
_cells = st.lists(
    st.text(alphabet='=+-@＝＠ \t\r\n\xa0\u3000,"ab1é田', max_size=6), min_size=1, max_size=5
)


def _row(cells: list[str], *, quote_all: bool) -> bytes:
    file = io.StringIO()
    csv.writer(
        file, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL, lineterminator=""
    ).writerow(cells)
    return file.getvalue().encode()


def _safe(cell: str) -> str:
    live = cell[:1] in ("\t", "\r", "\n") or cell.lstrip(_BLANKS)[:1] in tuple(_STARTS)
    return f"'{cell}" if cell and live else cell


@given(_cells, st.booleans())
def test_live_cells_of_text_columns_get_an_apostrophe_and_nothing_else_changes(
    cells: list[str], quote_all: bool
) -> None:
    text_columns = set(range(0, len(cells), 2))
    (made_safe,) = neutraliser(text_columns)([_row(cells, quote_all=quote_all)])
    expected = [_safe(cell) if n in text_columns else cell for n, cell in enumerate(cells)]
    assert next(csv.reader(io.StringIO(made_safe.decode(), newline=""))) == expected


def test_a_negative_number_stays_a_number() -> None:
    assert neutraliser([0])([b"Haruka,-5", b"-Taro,1"]) == [b"Haruka,-5", b"'-Taro,1"]
