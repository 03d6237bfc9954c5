"""Which report a file of the PowerShell tool is of, and which column each of its headers means.

Two vocabularies are what the reports themselves say (`powershell`: T in Japanese, P in English), with
their columns' own headers and ids; the others stand in `legacy_headers.toml`.
"""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from msgspec import Struct

from shared.core.legacy_file import pascal_case
from shared.core.registry import report, report_keys
from shared.core.report import Report, ReportColumn

_BESIDE = Path(__file__).with_name("legacy_headers.toml")
# Of what has fewer headers that mean anything, nobody can tell which report it was.
_FEWEST, _SHARE = 2, 0.5

type Why = Literal["unknown", "no_place", "twice"]


class Meaning(Struct, frozen=True):
    """What a header means: a column, and what its numbers are multiplied by; None without a place."""

    column: str | None
    times: float = 1.0


class Vocabulary(Struct, frozen=True):
    """What is known of the files of one report: each header by its `folded` text; the whole files (`files`,
    sets of folded headers), the names that files have, and the columns by id."""

    report: str
    meanings: Mapping[str, Meaning]
    files: tuple[frozenset[str], ...]
    names: tuple[str, ...]
    columns: Mapping[str, ReportColumn]


class Placed(Struct, frozen=True):
    """A header as it was sent; the column that it is taken for, else why it is dropped."""

    header: str
    column: str | None
    times: float = 1.0
    why: Why | None = None


def folded(header: str) -> str:
    """Return a header without what does not count: width, letter case, blanks and hyphens."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(sign for sign in plain if not sign.isspace() and sign not in "_-・")


@cache
def vocabularies() -> Mapping[str, Vocabulary]:
    """Return the vocabulary of every report that the PowerShell tool had, by report key."""
    told = tomllib.loads(_BESIDE.read_text(encoding="utf-8"))
    reports = (report(key) for key in report_keys())
    return {one.key: _vocabulary(one, told.get(one.key, {})) for one in reports if one.legacy}


def _vocabulary(one: Report, beside: Mapping[str, str]) -> Vocabulary:
    assert one.legacy is not None  # noqa: S101  (who calls has looked)
    meanings: dict[str, Meaning] = {}
    files = []
    for file in one.legacy.files.values():
        found = {folded(header): Meaning(column) for header, column in file.items()}
        files.append(frozenset(found))
        meanings = found | meanings
    for name, text in beside.items():
        if name != "names":
            found = dict(map(_meaning, text.split(";")))
            files.append(frozenset(found))
            meanings = found | meanings
    for column in one.columns:
        for header in (column.ja, column.en, column.id, pascal_case(column.id)):
            meanings.setdefault(folded(header), Meaning(column.id))
    names = (*beside.get("names", "").split(), one.title.ja, one.key)
    columns = {column.id: column for column in one.columns}
    return Vocabulary(
        one.key, meanings, tuple(files), tuple(dict.fromkeys(map(folded, names))), columns
    )


def _meaning(entry: str) -> tuple[str, Meaning]:
    header, _, told = entry.strip().partition("=")
    column, _, times = told.partition("*")
    return folded(header), Meaning(column or None, float(times or 1))


def reports_of(headers: Sequence[str], file_name: str) -> list[str]:
    """Return the reports that a file with these headers may be of, the likeliest first; equals stand together.

    Only those that fit best are returned: more than one where neither headers nor name decide.
    """
    told, name = frozenset(map(folded, headers)), folded(file_name)
    fits: dict[str, tuple[float, int]] = {}
    for key, one in vocabularies().items():
        known = [header for header in told if header in one.meanings]
        meant = [header for header in known if one.meanings[header].column is not None]
        if not meant or len(known) < _FEWEST or len(known) < _SHARE * len(told):
            continue
        alike = max(len(told & file) / len(told | file) for file in one.files)
        fits[key] = alike, max((len(hint) for hint in one.names if hint in name), default=0)
    if not fits:
        return []
    # A name decides between files that are nearly alike, never against the headers.
    near = max(alike for alike, _ in fits.values()) - 0.15
    close = {key: fit for key, fit in fits.items() if fit[0] >= near}
    hint = max(fit[1] for fit in close.values())
    named = {key: fit for key, fit in close.items() if fit[1] == hint}
    best = max(fit[0] for fit in named.values())
    return sorted(key for key, fit in named.items() if fit[0] == best)


def place(headers: Sequence[str], of: Vocabulary) -> list[Placed]:
    """Return what each header means in a file of a report. Of two that mean the same the first counts."""
    taken: set[str] = set()
    placed = []
    for header in headers:
        meaning = of.meanings.get(folded(header))
        if meaning is None or meaning.column is None:
            why: Why = "unknown" if meaning is None else "no_place"
            placed.append(Placed(header, None, why=why))
        elif meaning.column in taken:
            placed.append(Placed(header, None, why="twice"))
        else:
            taken.add(meaning.column)
            placed.append(Placed(header, meaning.column, meaning.times))
    return placed
