"""The words of each check of the database: in both languages, and complete without a fact."""

from string import Formatter

import pytest

from shared.core.database_check import CHECKS, NOT_SEEN
from shared.core.registry import of
from shared.store.optimization.checks.wraparound import severity_of
from shared.store.optimization.without_values import LONGEST, without_values


def named(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("name", of(CHECKS))
def test_a_check_says_the_same_in_both_languages(name: str) -> None:
    check = of(CHECKS)[name]
    texts = (check.title, check.why, check.helps, *check.unknowns.values(), *NOT_SEEN.values())
    for words in texts:
        assert words.en
        assert words.ja
        assert words.en != words.ja
        assert named(words.en) == named(words.ja)
    assert not set(check.unknowns) & set(NOT_SEEN)
    told = check.told(check.why, "en", "kanri.rooms", {})
    assert "{" not in told, "a fact that an earlier version did not note is a dash"


def test_every_reason_has_words() -> None:
    check = next(iter(of(CHECKS).values()))
    assert check.reason("denied", "en") == NOT_SEEN["denied"].en
    assert check.reason("of_a_later_version", "ja") == NOT_SEEN["unsupported"].ja


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT $1, x2 FROM t WHERE n = 42", "SELECT $1, x2 FROM t WHERE n = ?"),
        ("SELECT 'Alice O''Hara'", "SELECT ?"),
        ("SELECT E'it\\'s Alice', 1.5e3", "SELECT ?, ?"),
        ("SELECT $tag$Alice$tag$, $$Bob$$", "SELECT ?, ?"),
        ("SELECT 1 -- of Alice\n  FROM t /* and Bob */", "SELECT ? ? FROM t ?"),
        ("SELECT \"it's\".a2 FROM t WHERE b = 'Alice'", 'SELECT "it\'s".a2 FROM t WHERE b = ?'),
        ("SELECT 'Alice that is cut off", "SELECT ?"),
    ],
)
def test_no_value_stays_in_a_statement(statement: str, shown: str) -> None:
    assert without_values(statement) == shown


def test_a_long_statement_is_cut_after_its_values_are_out() -> None:
    shown = without_values("SELECT '" + "Alice " * 1000 + "', " + ", ".join(["a"] * 1000))
    assert len(shown) == LONGEST
    assert "Alice" not in shown


def test_an_age_is_bad_long_before_writes_stop() -> None:
    ages = (200_000_000, 400_000_000, 600_000_000, 1_200_000_000, 2_146_000_000)
    assert [severity_of(age) for age in ages] == [None, None, "warning", "critical", "critical"]
