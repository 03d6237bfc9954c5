"""Decodes the bytes of a Graph page into rows, typed as the collector's columns say.

A page is decoded twice in C: once into structs that hold only what the columns need, once into the
untouched bytes of each object, which become `raw` and the content hash. Only when the typed pass
fails are the objects decoded one by one, so that a bad one is rejected and the others live.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from shared.core.collector import Collector, Column
from shared.core.errors import MalformedAnswer
from shared.core.rows import Rejected, Rows

PARENT = "{parent}"
HASH_BYTES = 16

_TYPES: Mapping[str, Any] = {
    "text": str,
    "bool": bool,
    "int": Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    "float": float,
    "timestamp": Annotated[datetime, msgspec.Meta(tz=True)],
    "date": date,
    "json": msgspec.Raw,
}
_REMOVED = "@removed"
# .NET's latest instant, as it stands for "never ends"; rounded to microseconds it were the year 10000.
_LATEST = b'"9999-12-31T23:59:59.'
_LATEST_TICKS = re.compile(rb'(?<="9999-12-31T23:59:59)\.\d+(?=Z")')


@dataclass(slots=True)
class Page:
    """One decoded answer: its rows and the link to go on with, both links None on the last page.

    `observed_at` is when the answer arrived; whoever fetched it fills it in.
    """

    rows: Rows
    next_link: str | None = None
    delta_link: str | None = None
    observed_at: datetime | None = None


class Decoder:
    """Decodes pages of one collector. Building one costs a millisecond: use `decoder_of`."""

    def __init__(self, collector: Collector) -> None:
        self._key = collector.key
        self._columns = collector.columns
        self._event_time = collector.event_time
        self._row = _row_type(collector)
        page: list[Any] = [
            ("value", list[self._row]),  # type: ignore[name-defined]
            ("next_link", str | None, None),
            ("delta_link", str | None, None),
        ]
        links = {"next_link": "@odata.nextLink", "delta_link": "@odata.deltaLink"}
        self._typed = msgspec.json.Decoder(msgspec.defstruct("Typed", page, rename=links))
        page[0] = ("value", list[msgspec.Raw])
        self._raw = msgspec.json.Decoder(msgspec.defstruct("Untouched", page, rename=links))
        self._one = msgspec.json.Decoder(self._row)
        self._id_of = _key_getter(collector.key)

    def page(self, body: bytes, parent: str | None = None) -> Page:
        """Decode one page; `parent` is the parent's id in a fan-out.

        Raises MalformedAnswer if the body is not the JSON of a page; a bad object is only rejected.
        """
        _require_utf8(body)
        try:
            untouched: Any = self._raw.decode(body)
        except msgspec.DecodeError as error:
            raise MalformedAnswer("graph_malformed", reason=str(error)) from None
        links = untouched.next_link, untouched.delta_link
        try:
            typed: Any = self._typed.decode(_representable(body))
        except msgspec.ValidationError:
            return Page(self._one_by_one(untouched.value, parent), *links)
        return Page(
            self._rows(typed.value, [bytes(raw) for raw in untouched.value], parent), *links
        )

    def _one_by_one(self, objects: Iterable[msgspec.Raw], parent: str | None) -> Rows:
        good, raws, rejected = [], [], []
        for item in objects:
            raw = bytes(item)
            try:
                good.append(self._one.decode(_representable(raw)))
                raws.append(raw)
            except msgspec.DecodeError as error:
                rejected.append(Rejected(self._readable_id(raw, parent), str(error)))
        rows = self._rows(good, raws, parent)
        rows.rejected = rejected
        return rows

    def _rows(self, structs: list[Any], raws: list[bytes], parent: str | None) -> Rows:
        ids = list(map(self._id_of, structs))
        if parent is not None:
            ids = [f"{parent}/{own}" for own in ids]
        gone = [place for place, struct in enumerate(structs) if struct.removed is not None]
        removed = [ids[place] for place in gone]
        if gone:
            kept = [place for place, struct in enumerate(structs) if struct.removed is None]
            structs = [structs[place] for place in kept]
            raws = [raws[place] for place in kept]
            ids = [ids[place] for place in kept]
        values = [self._column(column, structs, parent) for column in self._columns]
        return Rows(
            ids=ids,
            hashes=[content_hash(raw) for raw in raws],
            values=list(zip(*values, strict=True)),
            raws=raws,
            parents=[parent] * len(ids) if parent is not None else [],
            removed=removed,
            removed_after=[place - earlier for earlier, place in enumerate(gone)],
        )

    def _column(self, column: Column, structs: list[Any], parent: str | None) -> list[Any]:
        values = _values(column, structs, parent)
        if column.type != "timestamp" or column.name == self._event_time:
            return values
        # .NET's earliest instant stands for "never".
        return [None if value is None or value.year == 1 else value for value in values]

    def _readable_id(self, raw: bytes, parent: str | None) -> str | None:
        try:
            item = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            return None
        if not isinstance(item, dict) or not all(isinstance(item.get(k), str) for k in self._key):
            return None
        own = "/".join(item[k] for k in self._key)
        return own if parent is None else f"{parent}/{own}"


@cache
def decoder_of(collector: Collector) -> Decoder:
    """Return the decoder of `collector`, built once per worker."""
    return Decoder(collector)


def content_hash(raw: bytes) -> bytes:
    """Return 16 bytes over the object's bytes. SHA-256 has CPU instructions: twice BLAKE2b's speed."""
    return hashlib.sha256(raw).digest()[:HASH_BYTES]


def _row_type(collector: Collector) -> type[msgspec.Struct]:
    """Build the struct of one object: keys (and the event's time) required, all else optional."""
    needed = dict.fromkeys(collector.key, str)
    tree: dict[str, Any] = {_REMOVED: msgspec.Raw}
    for column in collector.columns:
        if column.source == PARENT:
            continue
        if column.name == collector.event_time:
            needed[column.source] = _TYPES[column.type]
            continue
        *path, leaf = column.source.split("/")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node.setdefault(leaf, _TYPES[column.type])
    for source in needed:
        tree.pop(source, None)
    return _struct("Row", tree, needed)


def _struct(name: str, tree: Mapping[str, Any], needed: Mapping[str, Any]) -> type[msgspec.Struct]:
    fields: list[Any] = [(_field(source), kind) for source, kind in needed.items()]
    for source, kind in tree.items():
        inner = _struct(_field(source), kind, {}) if isinstance(kind, dict) else kind
        # msgspec takes null into Raw as b"null"; a union with Raw it does not know.
        fields.append((_field(source), inner if inner is msgspec.Raw else inner | None, None))
    rename = {_field(source): source for source in (*needed, *tree)}
    return msgspec.defstruct(name, fields, rename=rename)


def _field(source: str) -> str:
    return source.replace("@", "").replace(".", "_")


def _key_getter(key: tuple[str, ...]) -> Callable[[Any], str]:
    if len(key) == 1:
        return attrgetter(_field(key[0]))
    parts = attrgetter(*map(_field, key))
    return lambda struct: "/".join(parts(struct))


def _values(column: Column, structs: list[Any], parent: str | None) -> list[Any]:
    """Return the column's value in each row: a walk down the path, None where a part is absent."""
    if column.source == PARENT:
        return [parent] * len(structs)
    first, *rest = map(_field, column.source.split("/"))
    values = list(map(attrgetter(first), structs))
    for part in rest:
        step = attrgetter(part)
        values = [None if value is None else step(value) for value in values]
    if column.type == "json":
        return [_json(value) for value in values]
    return values


def _json(value: msgspec.Raw | None) -> bytes | None:
    json_bytes = None if value is None else bytes(value)
    return None if json_bytes == b"null" else json_bytes


def _representable(body: bytes) -> bytes:
    return _LATEST_TICKS.sub(b"", body) if _LATEST in body else body


def _require_utf8(body: bytes) -> None:
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedAnswer("graph_malformed", reason=f"not UTF-8: {error.reason}") from None
