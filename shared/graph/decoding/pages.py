"""Decodes the bytes of a Graph page into rows, typed as the collector's columns say.

A page is decoded twice in C: once into structs that hold only what the columns need, once into the
untouched bytes of each object, which become `raw` and the content hash. Only when a pass fails are
the objects decoded one by one, so that a bad one is rejected and the others live.
"""

import codecs
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from shared.core.collector import Collector, Column
from shared.core.errors import MalformedAnswer
from shared.core.rows import Rejected, Rows
from shared.graph.decoding.annotations import ANNOTATION, without_annotations
from shared.graph.decoding.damaged_pages import NULL, links_of, mended, split_page

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
_KEY = Annotated[str, msgspec.Meta(min_length=1)]
# The years of .NET's earliest instant and of a Windows file time of 0: both stand for "never".
NEVER = (1, 1601)
# .NET's latest instant, as it stands for "never ends"; rounded to microseconds it were the year 10000.
_LATEST = b'"9999-12-31T23:59:59.'
# The first and the last year of the calendar.
_EDGES = b'"0001-', b'"9999-'
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
        sources = (column.source for column in collector.columns)
        self._uses_annotations = any(ANNOTATION.decode() in source for source in sources)
        row = _row_type(collector)
        documents = tuple(column for column in collector.columns if column.type == "json")
        exact = _row_type(replace(collector, columns=documents, event_time=None))
        self._typed, self._one = _page_decoder(row), msgspec.json.Decoder(row)
        self._raw = _page_decoder(msgspec.Raw)
        self._exact, self._exact_one = _page_decoder(exact), msgspec.json.Decoder(exact)
        self._id_of = _key_getter(collector.key)

    def page(self, body: bytes, parent: str | None = None) -> Page:
        """Decode one page; `parent` is the parent's id in a fan-out.

        Raises MalformedAnswer if the body is not the JSON of a page; a bad object is only rejected.
        """
        body = body.removeprefix(codecs.BOM_UTF8)
        _require_utf8(body)
        try:
            untouched: Any = self._raw.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            return self._salvaged(body, parent, error)
        links = links_of(untouched)
        try:
            typed: Any = self._typed.decode(_representable(body))
        except msgspec.ValidationError:
            return Page(self._one_by_one(untouched.value, parent), *links)
        # Times are rounded where columns need them; JSON is kept as it was sent.
        exact: Any = self._exact.decode(body) if _LATEST in body else typed
        raws = [bytes(raw) for raw in untouched.value]
        rows = self._rows(typed.value, exact.value, raws, parent)
        if any(edge in body for edge in _EDGES):
            rows.values = _in_calendar(rows.values)
        return Page(rows, *links)

    def _salvaged(self, body: bytes, parent: str | None, error: Exception) -> Page:
        """Decode a page that holds an object which no decoder takes: too deep, no Unicode, no JSON."""
        parts = split_page(body)
        if parts is None:
            raise MalformedAnswer("graph_malformed", reason=str(error)) from None
        frame, objects = parts
        try:
            links = links_of(self._raw.decode(frame))
        except (msgspec.DecodeError, RecursionError):
            raise MalformedAnswer("graph_malformed", reason=str(error)) from None
        return Page(self._one_by_one(objects, parent), *links)

    def _one_by_one(self, objects: Iterable[msgspec.Raw | bytes], parent: str | None) -> Rows:
        good, exact, raws, rejected = [], [], [], []
        changed = 0
        for item in objects:
            sent = bytes(item)
            raw = mended(sent)
            try:
                struct = self._one.decode(_representable(raw))
                exact.append(self._exact_one.decode(raw) if _LATEST in raw else struct)
            except (msgspec.DecodeError, RecursionError) as error:
                rejected.append(Rejected(self._readable_id(raw, parent), str(error)))
                continue
            good.append(struct)
            raws.append(raw)
            changed += raw != sent
        rows = self._rows(good, exact, raws, parent)
        rows.values = _in_calendar(rows.values)
        rows.rejected, rows.mended = rejected, changed
        return rows

    def _rows(
        self, structs: list[Any], exact: list[Any], raws: list[bytes], parent: str | None
    ) -> Rows:
        ids = list(map(self._id_of, structs))
        if parent is not None:
            ids = [f"{parent}/{own}" for own in ids]
        told = (None, NULL)
        gone = [place for place, struct in enumerate(structs) if struct.removed not in told]
        removed = [ids[place] for place in gone]
        if gone:
            kept = [place for place, struct in enumerate(structs) if struct.removed in told]
            structs = [structs[place] for place in kept]
            exact = [exact[place] for place in kept]
            raws = [raws[place] for place in kept]
            ids = [ids[place] for place in kept]
        values = [
            self._column(column, exact if column.type == "json" else structs, parent)
            for column in self._columns
        ]
        return Rows(
            ids=ids,
            hashes=self._hashes(raws),
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
        return [None if value is None or value.year in NEVER else value for value in values]

    def _hashes(self, raws: list[bytes]) -> list[bytes]:
        """Hash the objects without annotations, which come and go: they are no part of the data.

        Where columns are made of annotations the store compares (see merge_statements).
        """
        if self._uses_annotations:
            return list(map(content_hash, raws))
        return [
            content_hash(without_annotations(raw) if ANNOTATION in raw else raw) for raw in raws
        ]

    def _readable_id(self, raw: bytes, parent: str | None) -> str | None:
        try:
            item = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
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


def _page_decoder(item: Any) -> msgspec.json.Decoder[Any]:
    fields: list[Any] = [
        ("value", list[item]),
        ("next_link", str | None, None),
        ("delta_link", str | None, None),
        ("error", msgspec.Raw, NULL),
    ]
    links = {"next_link": "@odata.nextLink", "delta_link": "@odata.deltaLink"}
    return msgspec.json.Decoder(msgspec.defstruct("DecodedPage", fields, rename=links))


def _row_type(collector: Collector) -> type[msgspec.Struct]:
    """Build the struct of one object: keys (and the event's time) required, all else optional."""
    needed: dict[str, Any] = dict.fromkeys(collector.key, _KEY)
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


def _in_calendar(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return rows whose instants no offset carries beyond the first or the last year in UTC."""
    return [
        tuple(_in_range(value) if isinstance(value, datetime) else value for value in row)
        for row in rows
    ]


def _in_range(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        return first if value.year == 1 else last


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
