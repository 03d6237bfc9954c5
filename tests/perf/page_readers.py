"""Writes a page of made-up rows and opens it in Chromium, until somebody can read, sort and search it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

from shared.core.query import CsvStyle
from shared.core.report import Report, Sources
from shared.core.text import Text
from shared.render.html import write
from shared.store.answers.own_table import OwnTable
from tests.fixtures.browser import CHROMIUM, QUIET
from tests.perf.measure import Figures, cpu_seconds, peak_rss_mb
from tests.perf.xlsx_writers import COLUMNS, Row, made_up
from tests.render.answers import about

_PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


class MadeUp:
    """So many rows, in batches as the store reads them."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def stream(self) -> Iterator[Sequence[Row]]:
        return made_up(self._rows)

    def csv_lines(self, style: CsvStyle) -> Iterator[list[bytes]]:
        raise NotImplementedError("only the database writes CSV")


def _no_query(_: Sources) -> Any:
    raise NotImplementedError("the rows are made up")


def report() -> Report:
    """A report of those columns, which no database has."""
    return Report(
        title=Text("Made up", "例"),
        description=Text("Twenty columns.", "20 列。"),
        table=OwnTable(__file__, tuple(COLUMNS), _no_query),
        row_key=("c0",),
        order=("c0",),
        key="made_up",
    )


def opened(job: Mapping[str, Any]) -> Figures:
    """Return what it took to write it, and to open, sort and search it in a browser."""
    asked = about(report(), "ja", format="html")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_bytes(b"".join(write(asked, MadeUp(10))))
        began, before = cpu_seconds(), peak_rss_mb()
        with file.open("wb") as out:
            for piece in write(asked, MadeUp(job["rows"])):
                out.write(piece)
        cpu, growth = cpu_seconds() - began, peak_rss_mb() - before
        size = file.stat().st_size / 1024**2
        if not job["bounded"]:
            whole = file.read_text("utf-8").replace("content-visibility:auto", "")
            file.write_text(whole, "utf-8")
        figures = _in_browser(file)
    return {"cpu_ms": cpu * 1000, "rss_growth_mb": growth, "size_mb": size, **figures}


def _in_browser(file: Path) -> Figures:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_context(locale="ja-JP", bypass_csp=True).new_page()
        page.goto("about:blank")
        began = time.perf_counter()
        page.goto(file.as_uri())
        usable = _since(page, began)
        began = time.perf_counter()
        page.locator("th button").nth(9).click()
        in_order = _since(page, began)
        began = time.perf_counter()
        page.fill("#search", "user7@")
        page.wait_for_function("document.querySelector('#rows tbody tr[hidden]') !== null")
        searched = _since(page, began)
        browser.close()
    return {"usable_ms": usable, "sort_ms": in_order, "search_ms": searched}


def _since(page: Page, began: float) -> float:
    page.evaluate(_PAINTED)
    return (time.perf_counter() - began) * 1000
