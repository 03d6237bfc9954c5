"""The PDF of a report, read back by poppler, which did not write it."""

import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.core.text import LANGS, Lang
from shared.render.parts.pdf_font import drawable, loaded, width, wrapped
from shared.render.pdf import write
from tests.render.answers import Listed, Row, about, rows_of

NAMES = ("髙橋 﨑", "①㈱ 山田", "O'Neil & <Söhne>", "]]></script>", "\u202egnp.exe", "שלום")


def read(document: bytes, *options: str) -> list[str]:
    """Return the text of each page; skips where there is no poppler."""
    if not Path("/usr/bin/pdftotext").exists():
        pytest.skip("there is no poppler: apt-get install poppler-utils")
    told = ["pdftotext", *options, "-", "-"]
    done = subprocess.run(told, input=document, capture_output=True, check=True, timeout=60)
    assert done.stderr == b"", "poppler has nothing to complain of"
    return done.stdout.decode().split("\f")[:-1]


def pdf(key: str, lang: Lang, select: str, rows: list[Row]) -> bytes:
    return b"".join(write(about(key, lang, format="pdf", select=select), Listed(rows)))


@pytest.mark.parametrize("lang", LANGS)
def test_every_name_and_number_is_read_back(lang: Lang) -> None:
    rows: list[Row] = [(name, 12_345 + n) for n, name in enumerate(NAMES)]
    document = pdf("mailbox", lang, "display_name,item_count", rows)
    told = "\n".join(read(document, "-layout"))
    for n, name in enumerate(NAMES[:4]):
        assert name in told
        assert f"{12_345 + n:,}" in told
    assert "\ufffdgnp.exe" in told or "〓gnp.exe" in told
    assert "\u202e" not in told
    assert "〓〓〓〓" in told, "the font has no Hebrew, and says so"
    assert ("このレポートについて" if lang == "ja" else "About this report") in told


def test_the_font_is_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    document = pdf("mailbox", "ja", "display_name", [("佐藤",)])
    assert "佐藤" in read(document)[0]
    file.write_bytes(document)
    told = subprocess.run(
        ["pdffonts", file], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    [line] = [line for line in told.splitlines() if "IPAexGothic" in line]
    assert line.split()[-5:-2] == ["yes", "yes", "yes"], "embedded, a part of it, with its letters"


def test_each_page_has_its_number_and_the_header() -> None:
    rows: list[Row] = [(f"佐藤 {n:04}", n) for n in range(400)]
    pages = read(pdf("mailbox", "ja", "display_name,item_count", rows), "-layout")
    assert len(pages) > 4
    seen = []
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in "".join(page.split())
        found = [word for line in page.splitlines() for word in line.split() if word.isdigit()]
        seen += [word for word in found if len(word) == 4 and "佐藤" in page]
        if "佐藤 0" in page:
            assert "アイテム数" in page
    assert {f"{n:04}" for n in range(400)} <= set(seen)


def test_columns_that_do_not_fit_come_in_turns() -> None:
    asked = about("mailbox", "ja", format="pdf")
    day = date(2026, 11, 1)
    rows = rows_of(
        asked,
        *(
            {
                "email": f"user{n:03}@contoso.example",
                "display_name": "とても長い表示名" * 3,
                "mailbox_type": "UserMailbox of somebody",
                "id": f"{n:03}-1111-2222-3333-444444444444",
                "last_activity_date": day,
                "created_date": day - timedelta(days=n),
            }
            for n in range(60)
        ),
    )
    pages = read(b"".join(write(asked, Listed(rows))), "-layout")
    with_first = [page for page in pages if "user059@" in page]
    assert len(with_first) > 1, "the first column is on the pages of each turn"
    assert all("メールアドレス" in page for page in with_first)
    for n in range(60):
        found = "\n".join(page for page in pages if f"user{n:03}@" in page)
        assert f"{day - timedelta(days=n)}" in found


def test_a_chart_is_drawn_with_its_numbers() -> None:
    columns = "service_name,total_users,active_users"
    document = pdf("usage", "ja", columns, [("exchange", 1234, None), ("teams", 0, 77)])
    first = read(document, "-layout")[0]
    for words in ("サービス名別 総ユーザー数、アクティブユーザー数", "不明", "1,234", "77"):
        assert words in first


def test_a_long_cell_is_cut_with_a_sign() -> None:
    document = pdf("mailbox", "ja", "display_name", [("字" * 10_000,), ("次",)])
    told = "".join(read(document))
    assert "…" in told
    assert 50 < told.count("字") < 400
    assert "次" in told


def test_lines_fit_and_nothing_is_lost() -> None:
    loaded()
    for text in (
        "A text of several words that is long",
        "日本語の長い文章です。" * 5,
        "x" * 90,
        "",
    ):
        lines = wrapped(text, 7.5, 60, 100)
        assert all(width(line, 7.5) <= 60 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("eins\nzwei", 7.5, 100, 5) == ["eins", "zwei"]
    assert drawable("a\tb\r\nc😀") == "a b\nc〓"


def test_without_rows_it_says_so() -> None:
    told = "".join(read(pdf("usage", "en", "service_name,total_users", [])))
    assert "No row answers the question." in told
