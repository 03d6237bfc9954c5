"""All rows as one HTML file: a page to read, print, sort and filter that loads nothing and needs no server.

Written row by row from plain strings, every value through `parts.markup`: a template engine would be loaded
for a frame of thirty lines, and its loop over the cells takes several times as long. What of it runs is
`parts/report.js`, which the page's own Content-Security-Policy names by its digest, as it does the styles.
"""

from collections.abc import Iterator

from shared.core.format import About, Format, Rows


def write(about: About, rows: Rows) -> Iterator[bytes]:
    """Yield the page in pieces; with `compat=powershell` the one that the PowerShell tool wrote."""
    from shared.render.parts.page import page
    from shared.render.parts.powershell_page import powershell_page

    written = powershell_page if about.question.powershell else page
    for piece in written(about, iter(rows.stream())):
        yield piece.encode()


FORMAT = Format(
    media_type="text/html; charset=utf-8",
    extension="html",
    whole=write,
    takes=frozenset({"compat", "timeZone"}),
    example='<!doctype html>\n<html lang="en">\n<title>User list</title>\n',
)
