"""Keeps spreadsheets from computing what somebody typed: an apostrophe before live cells of a CSV row.

It works on the rows as PostgreSQL sends them. Nearly every row is passed by one search; PostgreSQL
itself would look at every cell of every row, at several times the cost.
"""

import re
from collections.abc import Callable, Collection

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
_CELL = re.compile(rb',("(?:[^"]|"")*"|[^,]*)')


def neutraliser(positions: Collection[int]) -> Callable[[list[bytes]], list[bytes]]:
    """Return what makes rows (CSV, without line ends) safe in the columns at `positions`."""
    wanted = frozenset(positions)

    def neutralise(rows: list[bytes]) -> list[bytes]:
        # One search over all rows: a chunk without a suspect, the rule, costs next to nothing.
        if _SUSPECT.search(b"," + b"\r\n,".join(rows)) is None:
            return rows
        return [_safe(row, wanted) for row in rows]

    return neutralise


def _safe(row: bytes, wanted: frozenset[int]) -> bytes:
    led = b"," + row
    if _SUSPECT.search(led) is None:
        return row
    cells = [match[1] for match in _CELL.finditer(led)]
    return b",".join(_dead(cell) if n in wanted else cell for n, cell in enumerate(cells))


def _dead(cell: bytes) -> bytes:
    quoted = cell.startswith(b'"')
    if _LIVE.match(cell, 1 if quoted else 0) is None:
        return cell
    return b"\"'" + cell[1:] if quoted else b"'" + cell
