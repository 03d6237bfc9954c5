"""All rows as newline-delimited JSON: an object a line, as a page of JSON has it, for programs.

How old and how complete the rows are stands in the headers of the answer, as it does for CSV: a line of another
shape would break whoever reads rows. https://github.com/ndjson/ndjson-spec
"""

from collections.abc import Iterator
from itertools import starmap

from shared.core.format import About, Format, Rows
from shared.core.wire import safe_lines
from shared.render.parts.row_types import row_type


def write(about: About, rows: Rows) -> Iterator[bytes]:
    """Yield the lines, batch by batch."""
    row = row_type(about.question.columns)
    for batch in rows.stream():
        yield safe_lines(list(starmap(row, batch)))


FORMAT = Format(
    media_type="application/x-ndjson",
    extension="ndjson",
    whole=write,
    example='{"id":"1","name":"Sato"}\n{"id":"2","name":null}\n',
)
