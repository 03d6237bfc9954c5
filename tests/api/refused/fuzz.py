"""Makes requests that no client would send, from the description of the API alone.

Each begins as one that fits its operation and is spoilt in some of its places: path, query, headers,
body. The same seed makes the same requests.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from shared.web.openapi_examples import example_of
from tests.api.refused.spoilt_input import BODIES, FILTERS, HEADERS, STALE, TEXTS

type Json = Mapping[str, Any]

# It stands for what people write of themselves: no log may have it.
MARK = "Hanako-Sato-4711"

_UNICODE = (
    *("\0", "\x7f", "\x85", "\u00ad", "\u061c", "\u200b", "\u200f", "\u2028", "\u202e", "\u2066"),
    *("\ud800", "\udfff", "\ufeff", "\ufffe", "\uffff", "\U000e0001", "\U0010ffff", "e\u0301" * 40),
    *("\u0130", "\u1e9e", "ﬀ", "ﷺ" * 20, "𝟘", "\r\n", "\t", "a" * 70_000),
)
# No column of text of PostgreSQL takes one of these.
_UNSTORABLE = ("\0", "\ud800", "\udfff", "a\0b", "reader\0", "\udc80" * 3)
_NUMBERS = (
    *(0, -0.0, -1, 1.5, 1e308, -1e308, 2**31, 2**63, -(2**63) - 1, 2**64, 10**40, 10**400),
    *(float("nan"), float("inf"), True, False, None, "1e5", "0x10", "٣", "", " 1"),
)
_DATES = (
    *("0000-00-00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "2026-02-29T00:00:00Z"),
    *("2026-01-01T00:00:00+99:99", "-2026-01-01T00:00:00Z", "2026-1-1", "now", "1e9", "P1D"),
    *("2026-01-01T00:00:00.123456789012Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00−01:00"),
)
_IDS = (
    *("", "{}", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    *("{77777777-7777-4777-8777-777777777777}", "77777777777747778777777777777777", "urn:uuid:1"),
    *("11111111-1111-1111-1111-11111111111G", "11111111-1111-1111-1111-111111111111\n", "１" * 32),
)
_TAGS = ("*", '"', 'W/"x"', '"x", "y"', "W/", '"\x00"', "x" * 9000, "", ",", '"é"', "*, *")
_KEYS = ('"k"', '"', "k k", "é", "\x00", "k" * 300, "", "''", "k\r\nx: y", ";k", "🙂")
_MEDIA = (
    *("application/json", "application/json; charset=utf-16", "text/plain", "", "APPLICATION/JSON"),
    *("multipart/form-data; boundary=x", "application/xml", "application/json\x00", "json", "*/*"),
)


def _is_slow(path: str, operation: Json) -> bool:
    """Whether it asks Graph or storage, or describes everything: it takes as long as many others."""
    told = [json.dumps(operation["responses"].get(status)) for status in ("502", "503")]
    asks = "graph_refused" in told[0] or "storage_unavailable" in told[1]
    return asks or path == "/openapi.json"


@dataclass(frozen=True)
class Sent:
    """A request that was made of the operation `method` on the template `path`."""

    method: str
    path: str
    values: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Fuzz:
    """Makes requests of the operations of `document`."""

    def __init__(
        self,
        document: Json,
        choice: Random,
        known: Mapping[str, Sequence[str]],
        fitting: Mapping[str, Sequence[Any]],
    ) -> None:
        """`known` are values by the name in a path for which something is there.

        `fitting` are values by the name of a field in a body with which it may be done.
        """
        self._choice, self._known, self._fitting = choice, known, fitting
        self._components = document["components"]["schemas"]
        self._operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]
        self._weights = [0.02 if _is_slow(path, one) else 1.0 for _, path, one in self._operations]

    def next(self) -> Sent:
        """Return the next request."""
        choice = self._choice
        [(method, path, operation)] = choice.choices(self._operations, self._weights)
        parameters = operation["parameters"]
        values = {one["name"]: self._path_value(one) for one in parameters if one["in"] == "path"}
        query = {
            one["name"]: self._query_value(one)
            for one in parameters
            if one["in"] == "query" and choice.random() < 0.35
        }
        if choice.random() < 0.05:
            query[choice.choice((*TEXTS, *_UNICODE))] = MARK
        return Sent(method, path, values, query, self._headers(parameters), self._body(operation))

    def _path_value(self, parameter: Json) -> str:
        choice, known = self._choice, self._known.get(parameter["name"], ())
        if known and choice.random() < 0.75:
            return choice.choice(known)
        return choice.choice(_UNSTORABLE) if choice.random() < 0.4 else self._text()

    def _query_value(self, parameter: Json) -> str:
        choice, schema = self._choice, parameter["schema"]
        if choice.random() < 0.5:
            good = parameter.get("example", example_of(schema, self._components))
            values = schema.get("enum", [good])
            return (
                str(choice.choice(values)).lower()
                if values[0] in (True, False)
                else str(choice.choice(values))
            )
        if parameter["name"] == "filter":
            return choice.choice(FILTERS)
        twice = f",{self._text()}" if choice.random() < 0.1 else ""
        return self._text() + twice

    def _text(self) -> str:
        choice = self._choice
        pools: tuple[Sequence[object], ...] = (TEXTS, _UNICODE, _UNSTORABLE, _NUMBERS, _DATES, _IDS)
        text = str(choice.choice(choice.choice(pools)))
        if choice.random() < 0.1:
            text += choice.choice(_UNICODE)
        if choice.random() < 0.1:
            text = choice.randbytes(choice.randrange(40)).decode("latin-1")
        return MARK + text if choice.random() < 0.1 else text

    def _headers(self, parameters: Sequence[Json]) -> dict[str, str]:
        choice = self._choice
        headers = {"content-type": "application/json"}
        for one in parameters:
            if one["in"] == "header":
                pool = _TAGS if one["name"] == "If-Match" else _KEYS
                likely = 0.9 if one["required"] else 0.2
                if choice.random() < likely:
                    good = "*" if one["name"] == "If-Match" else f"k{choice.randrange(50)}"
                    value = good if choice.random() < 0.7 else choice.choice(pool)
                    headers[one["name"].lower()] = value
        if choice.random() < 0.1:
            headers |= choice.choice(HEADERS)
        if choice.random() < 0.05:
            headers["content-type"] = choice.choice(_MEDIA)
        if choice.random() < 0.05:
            name = choice.choice(("accept-language", "x-request-id", "if-none-match", "accept"))
            headers[name] = self._text()
        return headers

    def _body(self, operation: Json) -> bytes:
        choice = self._choice
        if "requestBody" not in operation:
            return choice.choice(BODIES) if choice.random() < 0.05 else b""
        if choice.random() < 0.1:
            return choice.choice(BODIES)
        if choice.random() < 0.05:
            return choice.randbytes(choice.randrange(200))
        [(media_type, content)] = operation["requestBody"]["content"].items()
        if media_type != "application/json":
            return self._torn(str(content["example"]))
        schema = content["schema"]
        body = {
            name: choice.choice(self._fitting[name]) if name in self._fitting else value
            for name, value in example_of(schema, self._components).items()
            if name not in self._fitting or choice.random() < 0.8
        }
        for _ in range(choice.randrange(4)):
            body = self._spoilt(body)
        text = json.dumps(body)
        if choice.random() < 0.05:
            return self._torn(text)
        if choice.random() < 0.03:
            text = text.replace("{", '{"a":1,"a":2,', 1)  # the same name twice
        return text.encode("utf-8", "surrogatepass")

    def _torn(self, text: str) -> bytes:
        """Return a text that is spoilt in one place."""
        choice = self._choice
        cut = choice.randrange(len(text) + 1)
        text = text[:cut] + choice.choice(("", "{", "\\", '"', "\x00", "é")) + text[cut + 1 :]
        return text.encode("utf-8", "surrogatepass")

    def _spoilt(self, value: Any) -> Any:
        """Return a copy of the value that is spoilt in one place, wherever in it."""
        choice = self._choice
        if isinstance(value, dict) and value and choice.random() < 0.9:
            name = choice.choice(list(value))
            ways: tuple[Callable[[], Any], ...] = (
                lambda: {**value, name: self._spoilt(value[name])},
                lambda: {**value, name: self._odd()},
                lambda: {key: kept for key, kept in value.items() if key != name},
                lambda: {**value, self._text(): self._odd()},
            )
            return choice.choice(ways)()
        if isinstance(value, list) and value and choice.random() < 0.7:
            return [self._spoilt(value[0]), *value[1:], *(value * choice.choice((0, 1, 200)))]
        return self._odd()

    def _odd(self) -> Any:
        choice = self._choice
        deep: Any = MARK
        for _ in range(choice.choice((2, 900)) if choice.random() < 0.05 else 0):
            deep = [deep] if choice.random() < 0.5 else {"a": deep}
        return choice.choice((self._text(), choice.choice(_NUMBERS), choice.choice(STALE), deep))
