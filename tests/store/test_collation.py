"""Sort keys order names as the Unicode Collation Algorithm does; pyuca, asked for all of it, judges."""

import random
import sys
from collections.abc import Iterator
from unicodedata import normalize

from hypothesis import given, settings
from hypothesis import strategies as st
from pyuca.collator import Collator_10_0_0
from pyuca.trie import Node

from infra.local.repository import ROOT
from shared.store.datasets.collation import _written, sort_key
from shared.store.datasets.collation_table import open_collator
from tests.fixtures.children import run_child

JUDGE = Collator_10_0_0()

# By https://www.unicode.org/reports/tr10/ and its chart: signs, digits, Latin, Greek, Cyrillic,
# kana, kanji by code point; accents decide after letters, case and width after accents.
AS_PEOPLE_SORT = (
    " ada",
    "-ada",
    "(ada)",
    "10",
    "２",
    "ada",
    "Ada",
    "Ａｄａ",
    "Ada Ångström",
    "Ada Zuse",
    "ädam",
    "Adan",
    "Ångström",
    "Caesar",
    "Çelik",
    "Cicero",
    "Muller",
    "Müller",
    "Mullers",
    "Östergård",
    "Østergård",
    "Stras",
    "Straß",
    "Strasse",
    "Straße",
    "Zuse",
    "Ωmega",
    "Иван",
    "か",
    "カ",
    "ｶ",
    "が",
    "ガ",
    "ｶﾞ",
    "さとう",
    "一郎",
    "佐藤",
    "鈴木",
)
# Characters of many scripts, whose weights depend on their neighbours or do not.
_LETTERS = (
    "".join(
        chr(code)
        for first, end in (
            *((0x20, 0x250), (0x300, 0x500), (0x600, 0x700), (0x900, 0x980), (0xE00, 0xE60)),
            *((0x1E00, 0x2000), (0x3040, 0x3100), (0x4E00, 0x4E40), (0xAC00, 0xAC40)),
            *((0xFF00, 0xFFF0), (0x17000, 0x17010), (0x3400, 0x3410), (0x1F600, 0x1F610)),
        )
        for code in range(first, end)
    )
    + "\U00020000\u9fa0\ufa0e\uf900\u9ffc\U0010fffd"
)


def test_names_stand_as_people_sort() -> None:
    shuffled = random.Random(5).sample(AS_PEOPLE_SORT, len(AS_PEOPLE_SORT))
    assert sorted(shuffled, key=sort_key) == list(AS_PEOPLE_SORT)


@settings(max_examples=2000, deadline=None)
@given(left=st.text(_LETTERS, max_size=6), right=st.text(_LETTERS, max_size=6))
def test_any_two_names_stand_as_the_judge_says(left: str, right: str) -> None:
    own, judged = (sort_key(left), sort_key(right)), (JUDGE.sort_key(left), JUDGE.sort_key(right))
    assert (own[0] < own[1], own[0] == own[1]) == (judged[0] < judged[1], judged[0] == judged[1])
    # PostgreSQL compares bytes.
    assert (own[0].encode() < own[1].encode()) == (own[0] < own[1])


def test_names_written_in_two_ways_have_one_place() -> None:
    assert (
        sort_key("A\u030angstro\u0308m") == sort_key("\u00c5ngstr\u00f6m") == sort_key("Ångström")
    )


def test_a_key_of_any_length_fits_an_index_entry() -> None:
    for letter in ("Å", "漢", "ガ", "\U00020000", "ﷺ", "\u0e40\u0e01"):
        assert len(sort_key(letter * 256).encode()) < 2000, letter
    assert sort_key("a" * 100 + "b") == sort_key("a" * 100 + "c")


def test_the_table_is_read_by_who_loads_names_only() -> None:
    program = "import sys, shared.store.datasets.loading; print('pyuca' in sys.modules)"
    found = run_child([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "False"


def written_anew(text: str) -> str:
    """The key made of the judge's elements of the whole name, without any table of ours."""
    elements = JUDGE.collation_elements(normalize("NFD", normalize("NFC", text)[:100]))
    first, second, third = (_written(elements, level)[:200] for level in range(3))
    return " ".join((first, second.rstrip("!"), third.rstrip('"'))).rstrip(" ")


_ASCII = st.characters(max_codepoint=0x7F)
_MIXED = st.one_of(_ASCII, st.sampled_from(_LETTERS), st.characters(exclude_categories=["Cs"]))


@settings(max_examples=2000, deadline=None)
@given(text=st.one_of(st.text(_ASCII), st.text(_MIXED), st.text(_MIXED, min_size=90)))
def test_tables_give_the_keys_of_the_whole_algorithm(text: str) -> None:
    assert sort_key(text) == written_anew(text)


def entries(node: Node, before: str = "") -> Iterator[str]:
    """The texts that the judge's table has elements for."""
    if node.value is not None:
        yield before
    for code, following in (node.children or {}).items():
        yield from entries(following, before + chr(code))


def test_an_entry_that_is_read_alone_is_the_one_of_the_whole_table() -> None:
    own = open_collator()
    known = list(entries(JUDGE.table.root))
    assert len(known) > 30_000
    for text in known:
        assert own.collation_elements(text) == JUDGE.collation_elements(text), ascii(text)
    assert own.implicit_weights == JUDGE.implicit_weights
    assert own.table.contextual == {ord(after) for text in known for after in text[1:]}
