"""Texts for people in English and Japanese: inline `Text` for declarations, `*texts.toml` for all else.

A file of texts lies in the folder of whoever says them and is found by scan: `[section.key]` with
`en` and `ja`, whose `{placeholders}` are the same.
"""

from functools import cache
from pathlib import Path
from typing import Literal

from msgspec import Struct

type Lang = Literal["en", "ja"]

LANGS: tuple[Lang, ...] = ("en", "ja")


class Text(Struct, frozen=True):
    """One text in both languages."""

    en: str
    ja: str

    def of(self, lang: Lang) -> str:
        """Return the text in `lang`."""
        return self.ja if lang == "ja" else self.en


_SHARED = Path(__file__).resolve().parents[1]


def text_files() -> list[Path]:
    """Return every file of texts."""
    return sorted(_SHARED.rglob("*texts.toml"))


@cache
def _catalogue() -> dict[str, Text]:
    import tomllib

    found: dict[str, Text] = {}
    for file in text_files():
        for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name, entry in entries.items():
                key = f"{section}.{name}"
                if key in found:
                    raise ValueError(f"{file}: {key} has a text elsewhere")
                found[key] = Text(entry["en"], entry["ja"])
    return found


def text(key: str, lang: Lang = "en", /, **params: object) -> str:
    """Return the catalogue text `section.key` with its `{placeholders}` filled in.

    Raises KeyError for a key that no file of texts has: a missing text is a bug of ours.
    """
    return _catalogue()[key].of(lang).format_map(params)


def entry(key: str) -> Text:
    """Return the catalogue text `section.key` in both languages, to be put into another text."""
    return _catalogue()[key]


def has_text(key: str) -> bool:
    """Tell whether the catalogue holds `section.key`."""
    return key in _catalogue()
