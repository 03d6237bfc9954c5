"""The page of a report: title, age and warnings, chart, table, and "About this report"."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from shared.core.report import ReportColumn
from shared.core.text import Lang
from shared.core.text import text as say
from shared.render.parts.about_lines import about_sections, about_title
from shared.render.parts.cells import duration, local, texts_of
from shared.render.parts.chart import chart_of
from shared.render.parts.columns import columns_of, header
from shared.render.parts.coverage import coverage_answers, oldest
from shared.render.parts.drawing import SIZES, width_of
from shared.render.parts.markup import asset, policy, table, text
from shared.render.parts.svg import svg

if TYPE_CHECKING:
    from shared.core.format import About

type Batches = Iterator[Sequence[tuple[object, ...]]]

# A text that is longer is folded up: its beginning shows, and all of it where somebody opens it.
_LONG, _SHOWN = 400, 120
# Widths of columns in em, by what stands in the first rows.
_NARROW, _WIDE, _PADDING = 5, 30, 2
# More does not fit on a sheet of paper that stands upright.
_UPRIGHT = 70
_LOOKED_AT = 100
# So many rows are laid out at once, see `report.css`.
_TOGETHER = 100


def page(about: "About", batches: Batches) -> Iterator[str]:
    """Yield the page in pieces of a batch of rows each."""
    zone, columns, lang = about.time_zone, columns_of(about.question), about.question.lang
    readers = texts_of(columns, lang, zone)
    chart, count = chart_of(about, zone), 0
    first = next(batches, ())
    looked_at = [
        [read(v) for read, v in zip(readers, row, strict=True)] for row in first[:_LOOKED_AT]
    ]
    style = _columns_style(columns, lang, looked_at)
    yield _head(about, zone, style) + _table_head(about, columns)
    begins = [f"<td{' class=n' if one.type in ('int', 'float') else ''}>" for one in columns]
    for batch in chain((first,), batches):
        if chart is not None:
            chart.take(batch)
        yield "".join(
            ("" if (count + place) % _TOGETHER else "<tbody>\n") + _row(row, readers, begins)
            for place, row in enumerate(batch)
        )
        count += len(batch)
    yield f"</table>\n</div>\n<p>{_said('count' if count else 'no_rows', lang, rows=f'{count:,}')}</p>\n"
    if chart is not None and (drawing := chart.drawing()) is not None:
        yield f"<figure>\n{svg(drawing)}\n</figure>\n"
    yield _about(about) + f"</main>\n<script>{asset('report.js')}</script>\n</html>\n"


def _said(key: str, lang: Lang, **params: object) -> str:
    return text(say(f"html.{key}", lang, **params))


def _row(
    row: Sequence[object], readers: Sequence[Callable[[object], str]], begins: Sequence[str]
) -> str:
    cells = zip(readers, row, begins, strict=True)
    return f"<tr>{''.join(_cell(read(value), begin) for read, value, begin in cells)}</tr>\n"


def _cell(told: str, begin: str) -> str:
    if len(told) > _LONG:
        return f"{begin}<details><summary>{text(told[:_SHOWN])}…</summary>{text(told)}</details>"
    return begin + text(told)


def _head(about: "About", zone: str, columns: str) -> str:
    question = about.question
    lang, report = question.lang, question.report
    title, style, script = text(report.title.of(lang)), _style(), asset("report.js")
    coverage = coverage_answers(about)
    age = oldest(coverage)
    told = say("html.unknown_age", lang) if age is None else duration(age, lang)
    as_of = f"{local(about.as_of, ZoneInfo(zone))} ({zone})"
    warnings = "".join(
        f"<li class=warning>{text(one.dataset)}: {text(one.note)}\n" for one in coverage if one.note
    )
    return f"""<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
{policy([style, columns], [script])}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
<style>{columns}</style>
<body>
<header>
<a class="skip" href="#about">{_said("to_about", lang)}</a>
<h1>{title}</h1>
<p>{text(report.description.of(lang))}</p>
<p class="facts">{_said("facts", lang, as_of=as_of, age=told)} <a href="#about">{_said("to_about", lang)}</a></p>
{f"<ul>{warnings}</ul>" if warnings else ""}</header>
"""


def _style() -> str:
    return asset("chart.css") + asset("report.css")


def _table_head(about: "About", columns: Sequence[ReportColumn]) -> str:
    lang = about.question.lang
    blanks = {name: f"{{{name}}}" for name in ("shown", "rows", "column")}
    words = "".join(
        f' data-{name}="{text(say(f"html.{name}", lang, **blanks))}"'
        for name in ("found", "filter", "sort", "all", "none")
    )
    heads = "".join(
        f'<th scope="col" data-t="{_kind(column)}">{text(header(column, lang))}'
        for column in columns
    )
    title = text(about.question.report.title.of(lang))
    return f"""<main>
<div class="controls" id="controls" hidden{words}>
<label>{_said("search", lang)} <input id="search" type="search" autocomplete="off"></label>
<output id="found"></output>
</div>
<div class="rows" role="region" tabindex="0" aria-label="{title}">
<table id="rows">
<thead><tr>{heads}</tr></thead>
"""


def _kind(column: ReportColumn) -> str:
    """How the script sorts and filters it: number, date, one of few words, text."""
    if column.type in ("int", "float"):
        return "n"
    if column.type in ("date", "timestamp"):
        return "d"
    return "c" if column.type == "bool" or column.labels else "t"


def _columns_style(
    columns: Sequence[ReportColumn], lang: Lang, looked_at: Sequence[Sequence[str]]
) -> str:
    """The widths of the columns: so much room at least, and what is left in their proportions."""
    widths = [
        _width(header(column, lang), [row[place] for row in looked_at])
        for place, column in enumerate(columns)
    ]
    tracks = " ".join(f"minmax(0,{width}fr)" for width in widths)
    paper = "@page{size:A4 landscape}" if sum(widths) > _UPRIGHT else ""
    return f"@media screen{{#rows{{--columns:{tracks};width:{sum(widths)}em}}}}{paper}"


def _width(head: str, cells: Sequence[str]) -> int:
    wide = max((width_of(cell[:100], "name") for cell in cells), default=0.0)
    # A header may break where a cell had better not.
    wide = max(wide, width_of(head, "name") / 2) / SIZES["name"]
    return max(_NARROW, min(_WIDE, math.ceil(wide) + _PADDING))


def _about(about: "About") -> str:
    parts = [f'<section id="about">\n<h2>{text(about_title(about.question.lang))}</h2>\n']
    for section in about_sections(about):
        parts.append(f"<h3>{text(section.heading)}</h3>\n{table(section.header, section.lines)}")
        parts += [f"<p>{text(note)}</p>\n" for note in section.notes]
    return "".join(parts) + "</section>\n"
