"""docs/security.md names tests that there are, and says of each point of both lists where it is met."""

import re

import pytest

from infra.local.repository import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_LISTS = {
    "OWASP API Security Top 10 (2023)": [f"API{n} " for n in range(1, 11)],
    "ASVS 5.0 level 2": [f"V{n} " for n in range(1, 18)],
}


def named(text: str) -> set[tuple[str, str]]:
    return set(_NAMED.findall(text))


def test_the_page_names_many_tests() -> None:
    assert len({name for _, name in named(PAGE) if name}) > 60


@pytest.mark.parametrize(("file", "name"), sorted(named(PAGE)))
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    path = ROOT / file
    assert path.is_file()
    if name:
        source = path.read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE), name


@pytest.mark.parametrize("title", sorted(_LISTS))
def test_every_point_is_answered_by_a_test_or_said_to_be_none_of_ours(title: str) -> None:
    table = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if re.match(r"\| (?:API|V)\d", line)]
    points = _LISTS[title]
    assert len(rows) == len(points)
    for row, point in zip(rows, points, strict=True):
        assert row.startswith(f"| {point}"), row
        assert named(row) or "there is none" in row, point


def test_every_path_that_is_named_exists() -> None:
    for path in re.findall(
        r"`((?:shared|infra|docs|\.github)/[\w./-]+|\.ci/run|host\.json)`", PAGE
    ):
        assert (ROOT / path).exists(), path
