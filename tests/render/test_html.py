"""The page of a report: every value harmless and in its place, nothing loaded, written while it is read."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from copy import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.core import registry
from shared.core.coverage import Coverage
from shared.core.format import About
from shared.core.text import LANGS, Lang
from shared.core.window import Window
from shared.render.html import write
from shared.render.parts.cells import texts_of, visible
from shared.render.parts.columns import columns_of
from shared.store.figures.runs import runs_report
from tests.render.answers import NOW, Listed, Row, about, about_asked, rows_of
from tests.render.reading import Seen

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = (
    "</script><script>alert(1)</script>",
    "]]><!--<b>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "&lt;b&gt; &amp;amp;",
    "=cmd|' /C calc'!A0",
    "a\x00b\x1b[31m\x7f",
    "\u202egnp.exe\u2066",
    "שלום עולם",
    "字" * 10_000,
)
# Elements and attributes of the page itself: whatever else is there came out of a value.
TAGS = set(
    re.findall(
        r"\w+",
        "html meta title style body header a h1 p ul li main div label input output table thead tbody tr"
        " th td figure svg desc text rect line polyline circle section h2 h3 script details summary",
    )
)


def document(asked: About, rows: Sequence[Row]) -> str:
    return b"".join(write(asked, Listed(rows))).decode()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("key", registry.report_keys())
def test_every_report_is_a_page(key: str, lang: Lang) -> None:
    asked = about(key, lang, format="html")
    unknown: Row = (None,) * len(asked.question.columns)
    seen = Seen(document(asked, [unknown]))
    columns = columns_of(asked.question)
    assert seen.header == [one.ja if lang == "ja" else one.en for one in columns]
    assert seen.cells == [[""] * len(columns)], "what is unknown has no text"
    assert {tag for tag, _ in seen.tags} <= TAGS
    assert registry.report(key).description.of(lang) in seen.text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_is_text_whatever_it_is(name: str) -> None:
    for compat in ({}, {"compat": "powershell"}):
        asked = about_asked(
            "users", "en", {"select": "display_name,department", "format": "html", **compat}
        )
        told = document(asked, [(name, name)])
        seen = Seen(told, None if compat else "rows")
        shown = visible(name)
        long = shown[:120] + "…" + shown if len(shown) > 400 and not compat else shown
        assert seen.cells[0] == [long, long]
        assert {tag for tag, _ in seen.tags} <= TAGS | {"head"}
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\u2066]", told)


def test_nothing_runs_but_what_the_page_names() -> None:
    told = document(about("users", format="html"), [])
    seen = Seen(told)
    [policy] = [
        attrs["content"] or ""
        for tag, attrs in seen.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        inline = re.findall(rf"<{element}>(.*?)</{element}>", told, re.DOTALL)
        digests = [
            f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
            for one in inline
        ]
        assert re.search(rf"{rule} ([^;]*)", policy)[1].split() == digests  # type: ignore[index]
    attributes = {name for _, attrs in seen.tags for name in attrs}
    assert not {name for name in attributes if name.startswith("on")} | attributes & {
        "style",
        "src",
        "action",
        "srcset",
        "ping",
    }
    links = {attrs.get("href") for tag, attrs in seen.tags if tag == "a"}
    assert links == {"#about"}


def test_values_are_those_that_a_reader_sees() -> None:
    asked = about("users", "ja", format="html", timeZone="America/New_York")
    columns = columns_of(asked.question)
    value = {
        "display_name": "髙﨑①㈱",
        "account_status": "enabled",
        "inactive_days": 12_345,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    rows = rows_of(asked, value)
    readers = texts_of(columns, "ja", "America/New_York")
    expected = [read(cell) for read, cell in zip(readers, rows[0], strict=True)]
    assert Seen(document(asked, rows)).cells == [expected]
    assert "12,345" in expected
    assert "2025-12-31 19:00:00" in expected


def test_what_is_wrong_with_the_data_stands_above_it() -> None:
    asked = about("users", "ja", format="html")
    failed = Coverage(dataset="users", state="failed", complete_at=None, cause="graph_unavailable")
    asked = replace(asked, standing=replace(asked.standing, coverage=(failed,)))
    told = Seen(document(asked, []))
    assert "前回の収集は失敗しました" in told.text.partition("全列を検索")[0]
    assert "データの経過時間: 不明" in told.text
    assert "該当する行はありません" in told.text


def test_the_page_says_what_it_is() -> None:
    asked = about("mailbox", "en", format="html", filter="usage_rate ge 80")
    told = Seen(document(asked, [])).text
    for words in ("About this report", "2 h", "As of", "Asia/Tokyo", "usage_rate", "80"):
        assert words in told
    assert "Only Exchange PowerShell knows the last logon" in told


def test_figures_over_time_are_a_page_with_a_line() -> None:
    asked = about(runs_report(()), "ja", format="html")
    begins = NOW - timedelta(days=9)
    asked = replace(asked, window=Window(begins, NOW, "P1D", "UTC"))
    rows = rows_of(
        asked, *({"start": begins + timedelta(days=n), "runs": n, "ok": n} for n in range(9))
    )
    told = document(asked, rows)
    assert told.count("<polyline") == 2, "of what failed nothing is known"
    assert Seen(told).cells[3][0] == f"{(begins + timedelta(days=3)):%Y-%m-%d %H:%M:%S}"


def test_a_page_is_written_while_rows_are_read() -> None:
    read = 0

    class Counting(Listed):
        def stream(self) -> Iterator[Sequence[Row]]:
            nonlocal read
            for batch in super().stream():
                read += len(batch)
                yield batch

    asked = about("users", select="display_name", format="html")
    pieces = write(asked, Counting([(f"Name {n}",) for n in range(5000)]))
    ahead = []
    written = 0
    for piece in pieces:
        written += piece.count(b"<tr><td>Name")
        ahead.append(read - written)
    assert written == 5000
    assert max(ahead) <= 500, "no more than a batch is held"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("key", ["mfa", "license"])
def test_a_page_of_the_powershell_tool(key: str, lang: Lang) -> None:
    """Compared with files that were looked at: reports.md has what the tool's were like."""
    asked = about(key, lang, format="html", compat="powershell")
    rows = rows_of(
        asked,
        {
            "user_name": "髙﨑 ①㈱ <b>",
            "email": "taka@contoso.example",
            "mfa_status": "none",
            "authentication_method": "made_up_code",
            "compliance": "compliant",
            "risk_level": "high",
            "license_name": "Microsoft 365 E3",
            "sku_part_number": "SPE_E3",
            "sku_id": "05e9a617-0261-4cee-bb44-138d3ef5d965",
            "purchased_quantity": 12_000,
            "assigned_quantity": 11_999,
            "available_quantity": 1,
            "usage_rate": 99.99,
            "monthly_unit_price": 4500.0,
            "monthly_cost": 53_995_500.5,
            "status": "full",
        },
        {"user_name": "Ann", "risk_level": "low", "license_name": "Free", "usage_rate": 0.0},
        {"user_name": "Bob", "risk_level": "medium"},
    )
    expected = GOLDEN / f"{key}.{lang}.html"
    assert document(asked, rows) == expected.read_text("utf-8")


def test_the_powershell_page_has_local_time_and_no_chart() -> None:
    asked = about("users", "ja", format="html", compat="powershell")
    told = document(asked, rows_of(asked, {"created_at": datetime(2026, 1, 1, tzinfo=UTC)}))
    assert '<html lang="ja">' in told
    assert "<title>ユーザー一覧 - Microsoft 365管理ツール</title>" in told
    assert "生成日時: 2026年11月29日 12:00:00" in told
    assert "<td>2026-01-01 09:00:00</td>" in told
    assert "総レコード数: 1件" in told
    assert "<svg" not in told
    assert "<script" not in told


def test_a_date_is_a_day_in_both_pages() -> None:
    day = date(2026, 2, 3)
    for compat in ({}, {"compat": "powershell"}):
        asked = about_asked(
            "mailbox", "en", {"select": "last_activity_date", "format": "html", **compat}
        )
        assert Seen(document(asked, [(day,)]), None if compat else "rows").cells == [["2026-02-03"]]
