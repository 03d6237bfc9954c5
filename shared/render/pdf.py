"""All rows as a PDF: a font in it that every viewer shows, page numbers, the header on each page, the chart.

reportlab draws; it and the font are loaded when the first one is asked for, not before. The font is IPAexGothic,
unmodified, beside its licence: the fonts that PDF viewers bring of themselves are blank where no Japanese is
installed.
"""

from collections.abc import Iterator

from shared.core.format import About, Format, Rows


def write(about: About, rows: Rows) -> Iterator[bytes]:
    """Yield the file; its pages are kept in memory as they will be, its rows are not."""
    from shared.render.parts.pdf_document import document

    yield document(about, iter(rows.stream()))


FORMAT = Format(
    media_type="application/pdf",
    extension="pdf",
    whole=write,
    takes=frozenset({"timeZone"}),
    is_binary=True,
)
