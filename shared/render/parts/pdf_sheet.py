"""The paper of a PDF: draws from the top down, begins new pages, and numbers them when all are there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from reportlab.pdfgen.canvas import Canvas

from shared.core.text import Lang
from shared.render.parts.pdf_font import NAME, cut, drawable, width, wrapped
from shared.render.parts.pdf_layout import LEADING, MARGIN, SIZE

_INK, _FAINT, _LINE = "#1f1f1f", "#5c5c5c", "#d6d6d6"
_HEAD, _SHADE = "#ebf3fc", "#f7f7f7"
_FOOT = 20.0


class Sheet:
    """Pages of one size. `room` is the width between the margins."""

    def __init__(
        self, out: BinaryIO, paper: tuple[float, float], title: str, told: str, lang: Lang
    ) -> None:
        self.room = paper[0] - 2 * MARGIN
        self._paper, self._title, self._told = paper, title, told
        self._canvas = Canvas(out, pagesize=paper, pageCompression=1, lang=lang)
        self._canvas.setTitle(title)
        self._canvas.setCreator("Kanri")
        self._page = 1
        self._y = paper[1] - MARGIN

    @property
    def left(self) -> float:
        """The height that is left on this page."""
        return self._y - MARGIN - _FOOT

    def table_room(self, head: float) -> float:
        """Return the height that rows have on this page, or on the next one if that is hardly any."""
        if self.left < head + 4 * LEADING:
            self.new_page()
        return self.left - head

    def keep_together(self, height: float) -> None:
        """Begin a new page if less than `height` is left."""
        if self.left < height:
            self.new_page()

    def new_page(self) -> None:
        """End this page, with its number below."""
        self._number()
        self._canvas.showPage()
        self._page += 1
        self._y = self._paper[1] - MARGIN

    def _number(self) -> None:
        canvas = self._canvas
        canvas.setFont(NAME, SIZE)
        canvas.setFillColor(_FAINT)
        middle = self._paper[0] / 2
        room = middle - MARGIN - 40
        canvas.drawString(MARGIN, MARGIN, cut(self._title, SIZE, room))
        told = cut(drawable(self._told), SIZE, room)
        canvas.drawRightString(self._paper[0] - MARGIN, MARGIN, told)
        canvas.drawRightString(middle, MARGIN, f"{self._page} /")
        canvas.saveState()
        canvas.translate(middle + 3, MARGIN)
        # How many pages there are is not known yet: it is drawn when the last one is.
        canvas.doForm("pages")
        canvas.restoreState()

    def paragraph(self, texts: Sequence[str], size: float) -> None:
        """Write texts, each below the other, over the whole width."""
        for told in texts:
            for line in wrapped(drawable(told), size, self.room, 200):
                self.keep_together(size * 1.4)
                self._y -= size * 1.4
                self._canvas.setFont(NAME, size)
                self._canvas.setFillColor(_INK)
                self._canvas.drawString(MARGIN, self._y + size * 0.3, line)

    def heading(self, told: str) -> None:
        """Begin a part of its own, to be found in the outline."""
        self.keep_together(100)
        self._y -= 10
        self._canvas.bookmarkPage(told)
        self._canvas.addOutlineEntry(told, told)
        self.paragraph([told], 12)

    def reserve(self, form: str, height: float) -> None:
        """Leave room for a picture that is drawn later, in `form`."""
        self.keep_together(height)
        self._y -= height + 6
        self._canvas.saveState()
        self._canvas.translate(MARGIN, self._y)
        self._canvas.doForm(form)
        self._canvas.restoreState()

    @contextmanager
    def form(self, name: str) -> Iterator[Canvas]:
        """Draw what there is room for on a page that has ended."""
        self._finish()
        self._canvas.beginForm(name, 0, 0, self.room, self._paper[1])
        yield self._canvas
        self._canvas.endForm()

    def row(
        self,
        cells: Sequence[Sequence[str]],
        widths: Sequence[float],
        height: float,
        *,
        head: bool = False,
        right: Sequence[bool] = (),
        shaded: bool = False,
    ) -> None:
        """Draw a row of lines of text; numbers stand on the right of their column."""
        canvas, x, top = self._canvas, MARGIN, self._y
        self._y -= height
        if head or shaded:
            canvas.setFillColor(_HEAD if head else _SHADE)
            canvas.rect(x, self._y, sum(widths), height, stroke=0, fill=1)
        canvas.setStrokeColor(_LINE)
        canvas.setLineWidth(0.4)
        canvas.line(x, self._y, x + sum(widths), self._y)
        canvas.setFillColor(_INK)
        canvas.setFont(NAME, SIZE)
        for place, (lines, wide) in enumerate(zip(cells, widths, strict=True)):
            is_right = bool(right) and right[place]
            for number, line in enumerate(lines):
                if line:
                    begin = x + wide - 3 - width(line, SIZE) if is_right else x + 3
                    canvas.drawString(begin, top - (number + 1) * LEADING + 2, line)
            x += wide

    def _finish(self) -> None:
        """End the last page, once."""
        if self._y > 0:
            self._number()
            self._canvas.showPage()
            self._y = 0

    def close(self) -> None:
        """Write the number of pages, and the file."""
        self._finish()
        self._canvas.beginForm("pages", 0, -4, 60, 20)
        self._canvas.setFont(NAME, SIZE)
        self._canvas.setFillColor(_FAINT)
        self._canvas.drawString(0, 0, str(self._page))
        self._canvas.endForm()
        self._canvas.save()
