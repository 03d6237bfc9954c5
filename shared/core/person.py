"""A person as stored data names him, and the veil that puts pseudonyms in the place of his names.

What names him alone (ids, sign-in names, addresses, and names that nobody else of the directory has)
is found wherever it stands, as a word of its own: `ann@contoso.com` is not found in
`joann@contoso.com`. A name that others have too is his only in rows that are his.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Json = Mapping[str, Any] | list[Any] | str | float | bool | None

# How OneDrive writes a sign-in name into the address of a personal site.
_NO_LETTER = re.compile(r"[^0-9a-z]")
# Before and behind a word: what a longer address, id or name would go on with.
_BEFORE, _BEHIND = r"(?<![\w.%+-])", r"(?![\w%+-]|[.@]\w)"


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a person: `terms` him alone, `shared` names others too. No blank ones."""

    terms: frozenset[str]
    shared: frozenset[str] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """The terms, and how addresses of personal sites spell them."""
        sites = {_NO_LETTER.sub("_", term.lower()) for term in self.terms if "@" in term}
        return self.terms | sites

    @property
    def likes(self) -> list[str]:
        """Patterns of LIKE for lower-case texts, of which one fits whatever names him."""
        return [f"%{_like(word.lower())}%" for word in sorted(self.words)]


class Veil:
    """Puts pseudonyms in the place of what names a person; `key` is the tenant's (core.masking)."""

    def __init__(self, identity: Identity, key: str) -> None:
        """ValueError if nothing names him."""
        if not identity.terms:
            raise ValueError("nobody is named by nothing")
        self._key = key
        self._own = _pattern(identity.words)
        self._every = _pattern(identity.words | identity.shared)

    def pseudonym(self, value: str) -> str:
        """Return what stands for `value`, as reports mask it; a pseudonym stands for itself."""
        if _PSEUDONYM.fullmatch(value):
            return value
        return pseudonym(self._key, value)

    def names(self, text: str | None) -> bool:
        """Tell whether a text names him alone."""
        return text is not None and self._own.search(text) is not None

    def over(self, text: str, *, his: bool) -> str:
        """Return a text with what names him replaced; in a row that is `his`, shared names too."""
        pattern = self._every if his else self._own
        return pattern.sub(lambda found: self.pseudonym(found[0]), text)

    def over_json(self, value: Json, *, his: bool) -> Any:
        """Return JSON with what names him replaced in each of its texts."""
        if isinstance(value, str):
            return self.over(value, his=his)
        if isinstance(value, list):
            return [self.over_json(one, his=his) for one in value]
        if isinstance(value, Mapping):
            return {name: self.over_json(one, his=his) for name, one in value.items()}
        return value


_PSEUDONYM = re.compile(r"p_[0-9a-f]{16}")


def pseudonym(key: str, value: str) -> str:
    """Return the pseudonym of `value`, whose letter case does not count."""
    digest = hashlib.sha256(f"{key}{value.lower()}".encode()).hexdigest()
    return f"p_{digest[:16]}"


def leaves(value: Json, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield each value of JSON that is no list or object, with its path: `a/b`, `a/0/b`."""
    pairs: Iterable[tuple[object, Any]] = ()
    if isinstance(value, Mapping):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        yield path, value
    for name, one in pairs:
        yield from leaves(one, f"{path}/{name}" if path else str(name))


def signature(document: bytes, secret: bytes) -> str:
    """Return the HMAC-SHA256 of a document, in hexadecimal digits."""
    return hmac.digest(secret, document, "sha256").hex()


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(_word(word) for word in longest), re.IGNORECASE)


def _word(word: str) -> str:
    # Between kanji and kana no blank tells where a name ends.
    before, behind = (_BEFORE, _BEHIND) if word.isascii() else ("", "")
    return f"{before}{re.escape(word)}{behind}"


def _like(word: str) -> str:
    """Return a pattern that fits a word however JSON or a record quotes it."""
    return re.sub(r'[\\"]', "%", word).replace("_", "\\_")
