"""The page of a report in a real browser: it runs, is accessible, and asks for nothing."""

import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.core.text import LANGS, Lang
from shared.render.html import write
from tests.fixtures.browser import Opened
from tests.render.answers import Listed, about, about_asked, rows_of
from tests.render.test_html import HOSTILE

type Show = Callable[..., Opened]

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# By name, items and usage each another order; one of each is unknown.
BOXES: tuple[dict[str, object], ...] = (
    {"display_name": "鈴木", "item_count": 900, "usage_rate": 12.5, "status": "normal"},
    {"display_name": "Ann", "item_count": 12_000, "usage_rate": None, "status": "full"},
    {"display_name": None, "item_count": 1000, "usage_rate": 99.0, "status": "full"},
    {"display_name": "bob 10", "item_count": None, "usage_rate": 0.0, "status": "warning"},
    {"display_name": "bob 9", "item_count": 0, "usage_rate": 80.0, "status": None},
)


def page_of(lang: Lang = "en", **asked: str) -> bytes:
    question = about_asked("mailbox", lang, {"format": "html", **asked})
    first = date(2026, 11, 1)
    rows = [{**one, "last_activity_date": first + timedelta(days=n)} for n, one in enumerate(BOXES)]
    return b"".join(write(question, Listed(rows_of(question, *rows))))


def shown(page: Page, column: int = 2) -> list[str]:
    cells = page.locator(f"#rows tbody tr:not([hidden]) td:nth-child({column})")
    return cells.all_text_contents()


def sorted_by(page: Page, name: str, column: int) -> list[str]:
    page.get_by_role("button", name=f"Sort by {name}").click()
    return shown(page, column)


def test_a_click_sorts_by_numbers_and_names_with_the_unknown_last(show: Show) -> None:
    opened = show(page_of(), locale="en-GB")
    page = opened.page
    assert sorted_by(page, "Items", 7) == ["0", "900", "1000", "12,000", ""]
    head = page.get_by_role("columnheader", name="Items", exact=True)
    assert head.get_attribute("aria-sort") == "ascending"
    assert sorted_by(page, "Items", 7) == ["12,000", "1000", "900", "0", ""]
    assert sorted_by(page, "Usage (%)", 6) == ["0", "12.5", "80", "99", ""]
    assert sorted_by(page, "Display name", 2) == ["Ann", "bob 9", "bob 10", "鈴木", ""]
    assert sorted_by(page, "Last activity", 8)[-1] == "2026-11-05"
    assert page.locator("th[aria-sort]").count() == 1
    assert opened.complaints == []


def test_a_word_finds_rows_and_fields_narrow_them(show: Show) -> None:
    opened = show(page_of(), locale="en-GB")
    page = opened.page

    def left(*names: str) -> None:
        expect(page.locator("#rows tbody tr:not([hidden]) td:nth-child(2)")).to_have_text(names)
        expect(page.locator("#found")).to_have_text(f"{len(names)} of 5 rows")

    page.fill("#search", "ＢＯＢ")
    left("bob 10", "bob 9")
    page.fill("#search", "")
    left("鈴木", "Ann", "", "bob 10", "bob 9")
    for asked, found in (
        (">=900", ["鈴木", "Ann", ""]),
        ("<900", ["bob 9"]),
        ("= 12,000", ["Ann"]),
    ):
        page.get_by_label("Filter: Items").fill(asked)
        left(*found)
    page.get_by_label("Filter: Items").fill("")
    page.get_by_label("Filter: Last activity").fill(">2026-11-03")
    left("bob 10", "bob 9")
    page.get_by_label("Filter: Last activity").fill("2026-11")
    state = page.get_by_label("Filter: Status", exact=True)
    named = ["Normal", "Out of space", "Warning"]
    assert state.locator("option").all_inner_texts() == ["All", *named, "(no value)"]
    state.select_option(label="Out of space")
    left("Ann", "")
    state.select_option(label="(no value)")
    left("bob 9")
    assert opened.complaints == []


def test_without_script_everything_is_there(show: Show) -> None:
    page = show(page_of(), java_script_enabled=False).page
    assert page.locator("#rows tbody tr").count() == 5
    assert not page.locator("#controls").is_visible()
    chart, table = (page.locator(one).bounding_box() for one in ("svg.chart", "#rows"))
    assert chart is not None
    assert table is not None
    assert chart["y"] < table["y"], "the chart is shown above the rows"


@pytest.mark.parametrize("compat", [{}, {"compat": "powershell"}], ids=["page", "powershell"])
def test_nothing_that_somebody_typed_runs(show: Show, compat: dict[str, str]) -> None:
    asked = about_asked(
        "users", "en", {"select": "display_name,department", "format": "html", **compat}
    )
    opened = show(b"".join(write(asked, Listed([(name, name) for name in HOSTILE]))))
    assert opened.page.locator("tbody tr").first.inner_text().startswith(HOSTILE[0])
    assert opened.page.locator("script").count() == (0 if compat else 1)
    assert opened.complaints == []


def test_the_policy_is_in_force(show: Show) -> None:
    """Else no complaint would prove nothing: what is put into the page neither runs nor loads."""
    opened = show(page_of())
    opened.page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", '<img src="https://example.org/x.png">');
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
        }"""
    )
    assert opened.page.evaluate("window.ran") is None
    assert len([one for one in opened.complaints if "Content Security Policy" in one]) == 2


def judged(opened: Opened) -> list[str]:
    opened.page.evaluate(AXE)
    found: dict[str, Any] = opened.page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
    assert len(found["passes"]) > 15
    return [
        f"{one['id']}: {node['html'][:100]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", LANGS)
def test_a_page_is_accessible(show: Show, lang: Lang, scheme: str) -> None:
    few = "display_name,item_count,usage_rate,status"
    opened = show(page_of(lang, select=few), color_scheme=scheme)
    assert judged(opened) == []
    assert opened.complaints == []


def test_the_page_of_the_powershell_tool_is_accessible(show: Show) -> None:
    asked = about("mfa", "ja", format="html", compat="powershell")
    rows = rows_of(
        asked, *({"user_name": "佐藤", "risk_level": one} for one in ("low", "medium", "high"))
    )
    opened = show(b"".join(write(asked, Listed(rows))))
    assert judged(opened) == []
    assert opened.complaints == []


def test_bad_contrast_would_be_found(show: Show) -> None:
    few = page_of(select="display_name,status")
    opened = show(few.replace(b"--ink:#1f1f1f", b"--ink:#bbbbbb"), bypass_csp=True)
    assert any(one.startswith("color-contrast") for one in judged(opened))


def test_on_paper_each_sheet_has_the_header_and_no_controls(show: Show, tmp_path: Path) -> None:
    asked = about("users", "ja", format="html")
    made = datetime(2026, 1, 1, tzinfo=UTC)
    people = ({"display_name": f"佐藤 {n}", "created_at": made} for n in range(150))
    page = show(b"".join(write(asked, Listed(rows_of(asked, *people))))).page
    page.pdf(path=tmp_path / "paper.pdf", prefer_css_page_size=True)
    told = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "paper.pdf", "-"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    sheets = [sheet for sheet in told.split("\f") if "佐藤 " in sheet]
    assert len(sheets) > 2
    assert all("表示名" in sheet for sheet in sheets)
    assert "全列を検索" not in told
