"""Keeps spreadsheets from computing what somebody typed: an apostrophe before live cells of a CSV row.

Where a spreadsheet separates by semicolons (as in much of Europe) or tabs too (as LibreOffice does
unless told otherwise), one inside a cell, quoted or not, starts a cell of its own, and a line break
inside one starts a line: what follows is live too. Signs that hide or turn round what people read
(control characters, bidirectional overrides) are shown as U+FFFD:
https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing

It works on the rows as PostgreSQL sends them. Nearly every row is passed by one search; PostgreSQL
itself would look at every cell of every row, at several times the cost.
"""

import re
from collections.abc import Callable, Collection

from shared.core.hiding_signs import signs_in

# What a spreadsheet takes for the start of a formula, full-width forms included, also behind blanks
# that it may trim: https://owasp.org/www-community/attacks/CSV_Injection
_STARTS = "=+-@＝＋－＠"
_CONTROLS = "\t\r\n"
_BLANKS = " \t\r\n\v\f\xa0\u200b\u3000\ufeff"


def _one_of(signs: str) -> bytes:
    return b"(?:" + b"|".join(re.escape(sign.encode()) for sign in signs) + b")"


# A live cell starts with a control character, or with a formula's sign behind any blanks.
_LIVE = re.compile(_one_of(_CONTROLS) + b"|" + _one_of(_BLANKS) + b"*" + _one_of(_STARTS))
# The same anywhere in a row that has a comma before its first cell too. Most cells are passed by one
# look at their first byte, which costs a quarter of trying the signs one by one.
_FIRST_BYTES = {sign.encode()[:1] for sign in _STARTS + _CONTROLS + _BLANKS} | {b'"'}
_FIRST = b"[" + b"".join(map(re.escape, sorted(_FIRST_BYTES))) + b"]"
_SUSPECT = re.compile(b",(?=" + _FIRST + b')"?(?:' + _LIVE.pattern + b")")
# After what separates elsewhere; quotes there open and close a cell that is not ours.
_INNER = re.compile(b"([;\t\r\n](?:" + _one_of(_BLANKS) + b'|")*)(?=' + _one_of(_STARTS) + b")")
_SEPARATORS = (b";", b"\t", b"\r", b"\n")
# What no row has, as PostgreSQL knows no U+0000: the end of a row is never taken for a part of it, be
# its last cell empty or not.
_BETWEEN = b"\0,"
_CELL = re.compile(rb',("(?:[^"]|"")*"|[^,]*)')


def neutraliser(positions: Collection[int]) -> Callable[[list[bytes]], list[bytes]]:
    """Return what makes rows (CSV, without line ends) safe in the columns at `positions`."""
    wanted = frozenset(positions)

    def neutralise(rows: list[bytes]) -> list[bytes]:
        # Searches over all rows: a chunk without a suspect, the rule, costs next to nothing.
        joined = b"," + _BETWEEN.join(rows)
        if _hides(joined, len(rows)):
            rows = [_shown(row) for row in rows]
        if _SUSPECT.search(joined) is None and not _has_inner(joined):
            return rows
        return [_safe(row, wanted) for row in rows]

    return neutralise


def _has_inner(joined: bytes) -> bool:
    """Tell whether something stands after a separator that is none between rows.

    Most chunks have none: four looks for a byte cost less than one search by pattern.
    """
    return any(sign in joined for sign in _SEPARATORS) and _INNER.search(joined) is not None


def _safe(row: bytes, wanted: frozenset[int]) -> bytes:
    led = b"," + row
    if _SUSPECT.search(led) is None and _INNER.search(row) is None:
        return row
    cells = [match[1] for match in _CELL.finditer(led)]
    return b",".join(_dead(cell) if n in wanted else cell for n, cell in enumerate(cells))


def _dead(cell: bytes) -> bytes:
    quoted = cell.startswith(b'"')
    live = _LIVE.match(cell, 1 if quoted else 0) is not None
    cell = _INNER.sub(rb"\1'", cell)
    if not live:
        return cell
    return b"\"'" + cell[1:] if quoted else b"'" + cell


# C0 but tab and line ends, and DEL.
_ASCII_CONTROLS = bytes(set(range(0x20)) - set(b"\t\r\n")) + b"\x7f"
_AS_SHOWN = "\N{REPLACEMENT CHARACTER}".encode()
_ASCII = re.compile(b"[" + re.escape(_ASCII_CONTROLS) + b"]")


def _hides(joined: bytes, rows: int) -> bool:
    # What stands between the rows is one of them.
    if len(joined.translate(None, _ASCII_CONTROLS)) != len(joined) - (rows - 1):
        return True
    return any(True for _ in signs_in(joined))


def _shown(row: bytes) -> bytes:
    for sign in (_ASCII, *signs_in(row)):
        row = sign.sub(_AS_SHOWN, row)
    return row
