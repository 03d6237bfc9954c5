"""Says in both languages why a JSON body does not fit: msgspec says it in English only."""

import re

from msgspec import Struct, ValidationError

from shared.core.errors import BadRequest
from shared.core.text import Text, entry

# JSON has no type of these names.
_JSON_NAMES = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}

# The sentences of msgspec and our texts for them; their tests fail if msgspec changes its words.
_REASONS = (
    (re.compile(r"Invalid UUID|Expected `uuid`"), "guid"),
    (re.compile(r"Invalid RFC3339|Expected `datetime`"), "instant"),
    (re.compile(r"Expected `\w+` of length (?P<limit>[<>]= \d+)"), "length"),
    (re.compile(r"Expected `str` matching regex"), "plain"),
    (re.compile(r"Expected `(?P<kind>\w+)`, got `(?P<got>\w+)`"), "kind"),
    (re.compile(r"Invalid enum value (?P<value>.+)"), "choice"),
)
_FIELD = re.compile(r"Object (?P<fault>missing required|contains unknown) field `(?P<name>.*)`")


def body_fault(error: ValidationError, body: type[Struct]) -> BadRequest:
    """Return the problem for `error`, found in a body of the kind `body`; it names the field."""
    sentence, _, where = str(error).partition(" - at `$")
    field = where.removesuffix("`").lstrip(".")
    if found := _FIELD.fullmatch(sentence):
        path = f"{field}.{found['name']}".lstrip(".")
        if found["fault"] == "missing required":
            return BadRequest("body_field_missing", parameter=path)
        known = ", ".join(body.__struct_encode_fields__)
        return BadRequest("body_field_unknown", parameter=path, known=known)
    return BadRequest("body_invalid", parameter=field or "body", reason=_reason(sentence))


def _reason(sentence: str) -> Text | str:
    for pattern, name in _REASONS:
        if found := pattern.match(sentence):
            told = entry(f"body_reason.{name}")
            words = {key: _JSON_NAMES.get(word, word) for key, word in found.groupdict().items()}
            return Text(told.en.format_map(words), told.ja.format_map(words))
    return sentence
