"""Lets a filter name a coded value by its word, as the CSV prints it, in either language."""

from collections.abc import Iterator, Mapping, Sequence

from shared.core.query import Both, Compare, Condition, Either, Negation, OneOf, Value
from shared.core.report import ReportColumn

# Before a word, so that a code that reads like one is not taken for it. No filter can hold it.
_AS_WORD = "\0"

type _Words = Mapping[str, Mapping[str, Sequence[str]]]


def in_codes(condition: Condition, columns: Sequence[ReportColumn]) -> Condition:
    """Return `condition` with the words of labels replaced by the codes that are stored.

    A word that stands for several codes asks for all of them. What is neither word nor code stays:
    Microsoft may know codes that we do not.
    """
    words = {column.id: _words(column) for column in columns if column.labels}
    return _translated(condition, words)


def _words(column: ReportColumn) -> Mapping[str, Sequence[str]]:
    """Return the codes of each word, and each code as it is: it stands for itself."""
    codes: dict[str, list[str]] = {}
    for code, word in column.labels.items():
        for text in {word.en.casefold(), word.ja.casefold()}:
            codes.setdefault(_AS_WORD + text, []).append(code)
    return {**codes, **{code: [code] for code in column.labels}}


def _translated(condition: Condition, words: _Words) -> Condition:
    match condition:
        case Both(left, right):
            return Both(_translated(left, words), _translated(right, words))
        case Either(left, right):
            return Either(_translated(left, words), _translated(right, words))
        case Negation(inner):
            return Negation(_translated(inner, words))
        case Compare(column, "eq" | "ne" as operator, str() as value) if column in words:
            codes = list(_codes(value, words[column]))
            if len(codes) == 1:
                return Compare(column, operator, codes[0])
            among = OneOf(column, tuple(codes))
            return among if operator == "eq" else Negation(among)
        case OneOf(column, values) if column in words:
            found = (code for value in values for code in _codes(value, words[column]))
            return OneOf(column, tuple(dict.fromkeys(found)))
    return condition


def _codes(value: Value, words: Mapping[str, Sequence[str]]) -> Iterator[Value]:
    if isinstance(value, str):
        yield from words.get(value) or words.get(_AS_WORD + value.casefold()) or (value,)
    else:
        yield value
