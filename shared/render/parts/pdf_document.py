"""The pages of a PDF: title, age, chart, the table in turns of columns, and "About this report"."""

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from shared.core.text import text as say
from shared.render.parts.about_lines import Section, about_sections, about_title
from shared.render.parts.cells import duration, local, texts_of, visible
from shared.render.parts.chart import AnswerChart, chart_of
from shared.render.parts.columns import columns_of, header
from shared.render.parts.coverage import coverage_answers, oldest
from shared.render.parts.pdf_chart import paint
from shared.render.parts.pdf_font import drawable, loaded, wrapped
from shared.render.parts.pdf_layout import LEADING, SIZE, Layout, layout
from shared.render.parts.pdf_sheet import Sheet

if TYPE_CHECKING:
    from shared.core.format import About

type Batches = Iterator[Sequence[tuple[object, ...]]]
type Lines = list[list[str]]

_LOOKED_AT, _MOST_LINES, _MOST_OF_ABOUT = 100, 4, 60
_CHART_HEIGHT = 300.0


def document(about: "About", batches: Batches) -> bytes:
    """Return the whole file."""
    loaded()
    return _Writer(about).written(batches)


class _Writer:
    def __init__(self, about: "About") -> None:
        self.about, self.lang = about, about.question.lang
        self.columns = columns_of(about.question)
        self.readers: list[Callable[[object], str]] = texts_of(
            self.columns, self.lang, about.time_zone
        )
        self.heads = [drawable(header(column, self.lang)) for column in self.columns]
        self.numeric = {n for n, one in enumerate(self.columns) if one.type in ("int", "float")}

    def written(self, batches: Batches) -> bytes:
        first = next(batches, ())
        chart = chart_of(self.about, self.about.time_zone)
        looked_at = [self._texts(row) for row in first[:_LOOKED_AT]]
        plan = layout(self.columns, self.heads, looked_at)
        out = io.BytesIO()
        title = self.about.question.report.title.of(self.lang)
        sheet = Sheet(out, plan.paper, drawable(title), self._as_of(), self.lang)
        self._front(sheet, title, chart)
        count = self._table(sheet, plan, chain((first,), batches), chart)
        words = say("html.count" if count else "html.no_rows", self.lang, rows=f"{count:,}")
        sheet.paragraph([words], SIZE)
        self._about(sheet)
        if chart is not None:
            self._chart(sheet, chart)
        sheet.close()
        return out.getvalue()

    def _texts(self, row: Sequence[object]) -> list[str]:
        return [drawable(read(value)) for read, value in zip(self.readers, row, strict=True)]

    def _as_of(self) -> str:
        moment = local(self.about.as_of, ZoneInfo(self.about.time_zone))
        return f"{moment} ({self.about.time_zone})"

    def _front(self, sheet: Sheet, title: str, chart: AnswerChart | None) -> None:
        coverage = coverage_answers(self.about)
        age = oldest(coverage)
        told = say("html.unknown_age", self.lang) if age is None else duration(age, self.lang)
        sheet.paragraph([title], 15)
        sheet.paragraph([self.about.question.report.description.of(self.lang)], SIZE)
        sheet.paragraph([say("html.facts", self.lang, as_of=self._as_of(), age=told)], SIZE)
        sheet.paragraph([f"{one.dataset}: {one.note}" for one in coverage if one.note], SIZE)
        if chart is not None:
            sheet.reserve("chart", _CHART_HEIGHT)

    def _chart(self, sheet: Sheet, chart: AnswerChart) -> None:
        drawing = chart.drawing()
        with sheet.form("chart") as canvas:
            if drawing is not None:
                paint(canvas, drawing, sheet.room, _CHART_HEIGHT)

    def _table(
        self, sheet: Sheet, plan: Layout, batches: Batches, chart: AnswerChart | None
    ) -> int:
        """Write all rows, a page of them at a time: once for each group of columns."""
        widths = plan.widths
        turn: list[Lines] = []
        if len(plan.groups) > 1:
            sheet.new_page()  # A turn of pages is best begun with a whole one.
        count, left = 0, sheet.table_room(self._head_height(plan))
        for batch in batches:
            if chart is not None:
                chart.take(batch)
            for row in batch:
                count += 1
                lines = [
                    wrapped(cell, SIZE, widths[place] - 6, _MOST_LINES)
                    for place, cell in enumerate(self._texts(row))
                ]
                height = max(map(len, lines)) * LEADING + 3
                if height > left and turn:
                    self._turn(sheet, plan, turn, last=False)
                    turn, left = [], sheet.table_room(self._head_height(plan))
                turn.append(lines)
                left -= height
        self._turn(sheet, plan, turn, last=True)
        return count

    def _head_height(self, plan: Layout) -> float:
        widths = plan.widths
        lines = (
            wrapped(head, SIZE, widths[place] - 6, _MOST_LINES)
            for place, head in enumerate(self.heads)
        )
        return max(map(len, lines)) * LEADING + 5

    def _turn(self, sheet: Sheet, plan: Layout, turn: Sequence[Lines], *, last: bool) -> None:
        height = self._head_height(plan)
        for number, group in enumerate(plan.groups):
            if number:
                sheet.new_page()
            heads = [wrapped(self.heads[at], SIZE, wide - 6, _MOST_LINES) for at, wide in group]
            widths = [wide for _, wide in group]
            sheet.row(heads, widths, height, head=True)
            right = [place in self.numeric for place, _ in group]
            for row, lines in enumerate(turn):
                tall = max(map(len, lines)) * LEADING + 3
                cells = [lines[place] for place, _ in group]
                sheet.row(cells, widths, tall, right=right, shaded=row % 2 == 1)
        if not last:
            sheet.new_page()

    def _about(self, sheet: Sheet) -> None:
        sheet.heading(drawable(about_title(self.lang)))
        for section in about_sections(self.about):
            self._section(sheet, section)

    def _section(self, sheet: Sheet, section: Section) -> None:
        sheet.keep_together(4 * LEADING)
        sheet.paragraph([section.heading], 9)
        width = len(section.lines[0])
        # Names are short; what explains stands last and has the room.
        share = [1.0] * (width - 1) + [3.0 if width > 2 else 4.0]
        widths = [sheet.room * one / sum(share) for one in share]
        heads = [section.header] if section.header else []
        for number, line in enumerate((*heads, *section.lines)):
            cells = [
                wrapped(drawable(visible(cell)), SIZE, wide - 6, _MOST_OF_ABOUT)
                for cell, wide in zip(line, widths, strict=True)
            ]
            tall = max(map(len, cells)) * LEADING + 3
            sheet.keep_together(tall)
            sheet.row(cells, widths, tall, head=bool(heads) and not number)
        sheet.paragraph(list(section.notes), SIZE)
