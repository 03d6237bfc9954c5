"""Every error code that the code raises has its sentence in both languages."""

import tomllib
from pathlib import Path
from string import Formatter

import pytest

from shared.core.text import has_text, text_files
from tests.rules.raised_codes import raised_codes

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("shared", "functions", "infra")


def test_every_raised_code_has_a_text() -> None:
    files = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    assert [found for found in raised_codes(files) if not has_text(f"error.{found.code}")] == []


def _placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("file", text_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_both_languages_fill_in_the_same_placeholders(file: Path) -> None:
    catalogue = tomllib.loads(file.read_text(encoding="utf-8"))
    for section, entries in catalogue.items():
        for key, entry in entries.items():
            assert set(entry) == {"en", "ja"}, f"{section}.{key}"
            assert _placeholders(entry["en"]) == _placeholders(entry["ja"]), f"{section}.{key}"


@pytest.mark.parametrize("file", text_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_text_lies_beside_who_says_it(file: Path) -> None:
    """And so none is there that nobody says: whole sections are said by a key that is put together."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in file.parent.rglob("*.py"))
    catalogue = tomllib.loads(file.read_text(encoding="utf-8"))
    elsewhere = [
        f"{section}.{key}"
        for section, entries in catalogue.items()
        for key in entries
        if f'"{key}"' not in said
        and f'"{section}.{key}"' not in said
        and f'"{section}.{{' not in said
        and (section, key) != ("error", "subject_unknown")  # receive: f"{work.names}_unknown"
    ]
    assert not elsewhere
