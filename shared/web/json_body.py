"""Reads a JSON body: size, type, fields, in this order; says in both languages why it does not fit.

msgspec says it in English only.
"""

import codecs
import re
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, ValidationError

from shared.core.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType
from shared.core.text import Text, entry
from shared.web.http import Request

MAX_BYTES = 1_000_000

# JSON has no type of these names.
_JSON_NAMES = {"str": "string", "int": "number", "float": "number", "bool": "boolean"}
# A field may ask for whole numbers, as JSON Schema does by this name.
_ASKED_NAMES = {**_JSON_NAMES, "int": "integer"}

# The sentences of msgspec and our texts for them; their tests fail if msgspec changes its words.
_REASONS = (
    (re.compile(r"Invalid UUID|Expected `uuid`"), "guid"),
    (re.compile(r"Invalid RFC3339|Expected `datetime`"), "instant"),
    (re.compile(r"Expected `\w+` of length (?P<limit>[<>]= \d+)"), "length"),
    (re.compile(r"Expected `str` matching regex"), "plain"),
    (re.compile(r"Expected `(?P<kind>\w+)(?P<null> \| null)?`, got `(?P<got>\w+)`"), "kind"),
    (re.compile(r"Number out of range"), "range"),
    (re.compile(r"Invalid enum value (?P<value>.+)"), "choice"),
)
_FIELD = re.compile(r"Object (?P<fault>missing required|contains unknown) field `(?P<name>.*)`")


def read_body[T: Struct](request: Request, kind: type[T]) -> T:
    """Return the body as `kind`; the error names the field at fault.

    Raises PayloadTooLarge over 1 MB, UnsupportedMediaType for anything but JSON, BadRequest for
    JSON that is broken or does not fit.
    """
    if len(request.body) > MAX_BYTES:
        raise PayloadTooLarge("body_too_large", parameter="body", limit=MAX_BYTES)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("media_type_unsupported", parameter="Content-Type")
    try:
        # Windows PowerShell writes files with a byte order mark, and sends them so.
        body = _decoded(request.body.removeprefix(codecs.BOM_UTF8), kind)
    except ValidationError as error:
        raise _fault(error, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("body_not_json", parameter="body") from None
    return _in_utc(body)


_WHOLE_ASKED = re.compile(r"Expected `int( \| null)?`, got `float`")


def _decoded[T: Struct](body: bytes, kind: type[T]) -> T:
    """Return the body as `kind`. A number is whole by its value, as JSON Schema has it: 5.0 is 5."""
    try:
        return msgspec.json.decode(body, type=kind)
    except ValidationError as error:
        if _WHOLE_ASKED.match(str(error)) is None:
            raise
    told = msgspec.json.Decoder(float_hook=_whole).decode(body)
    return msgspec.convert(told, type=kind)


def _whole(digits: str) -> int | float:
    number = float(digits)
    return int(number) if number.is_integer() else number


def _in_utc[T: Struct](body: T) -> T:
    """Return the body with its instants in UTC, those beyond the calendar's ends at the end."""
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, datetime):
            setattr(body, name, _utc(value))
    return body


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        late = moment.year > 1
        return (
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
            if late
            else datetime(1, 1, 1, tzinfo=UTC)
        )


def _fault(error: ValidationError, body: type[Struct]) -> BadRequest:
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
            words = {key: _word(key, word or "") for key, word in found.groupdict().items()}
            return Text(told.en.format_map(words), told.ja.format_map(words))
    return sentence


def _word(key: str, word: str) -> str:
    names = _ASKED_NAMES if key == "kind" else _JSON_NAMES
    return names.get(word, word)
