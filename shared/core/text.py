"""Texts for people in English and Japanese: inline `Text` for declarations, `texts.toml` for all else."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

type Lang = Literal["en", "ja"]

LANGS: tuple[Lang, ...] = ("en", "ja")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    en: str
    ja: str

    def of(self, lang: Lang) -> str:
        """Return the text in `lang`."""
        return self.ja if lang == "ja" else self.en


@cache
def _catalogue() -> dict[str, Text]:
    import tomllib

    document = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{key}": Text(entry["en"], entry["ja"])
        for section, entries in document.items()
        for key, entry in entries.items()
    }


def text(key: str, lang: Lang = "en", /, **params: object) -> str:
    """Return the catalogue text `section.key` with its `{placeholders}` filled in.

    Raises KeyError for a key that is not in `texts.toml`: a missing text is a bug of ours.
    """
    return _catalogue()[key].of(lang).format_map(params)


def entry(key: str) -> Text:
    """Return the catalogue text `section.key` in both languages, to be put into another text."""
    return _catalogue()[key]


def has_text(key: str) -> bool:
    """Tell whether the catalogue holds `section.key`."""
    return key in _catalogue()
