"""Decodes the bytes of a Graph page into rows, typed as the collector's columns say.

A page is decoded twice in C: once into structs that hold only what the columns need, once into the
untouched bytes of each object, which become `raw` and the content hash. Only when a pass fails are
the objects decoded one by one, so that a bad one is rejected and the others live.
"""

import codecs
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from shared.core import clock
from shared.core.collector import Collector, Column
from shared.core.collector.column import TOLD
from shared.core.errors import MalformedAnswer
from shared.core.rows import Parent, Rejected, Rows
from shared.graph.decoding.annotations import ANNOTATION, are_annotated, without_annotations
from shared.graph.decoding.calendar import settled
from shared.graph.decoding.damaged_pages import NULL, links_of, mended, split_page
from shared.graph.decoding.elements import as_value, of_elements
from shared.graph.decoding.kept import Kept
from shared.graph.decoding.of_parent import told_by
from shared.graph.decoding.row_types import (
    field,
    page_decoder,
    properties,
    row_type,
    timeless_type,
)

HASH_BYTES = 16

# .NET's latest instant; rounded to microseconds it were the year 10000.
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
        self._dataset = collector.dataset
        self._columns = collector.columns
        self._answer = collector.answer
        self._removed = field(collector.extent.removed)
        self._kept = None if collector.keep.having is None else Kept(collector.keep)
        self._event_time = collector.event_time
        sources = (column.source for column in collector.columns)
        self._uses_annotations = any(ANNOTATION.decode() in source for source in sources)
        row, exact = row_type(collector), timeless_type(collector)
        self._typed, self._one = page_decoder(row), msgspec.json.Decoder(row)
        self._raw = page_decoder(msgspec.Raw)
        self._exact, self._exact_one = page_decoder(exact), msgspec.json.Decoder(exact)

    def page(self, body: bytes, parent: Parent | None = None) -> Page:
        """Decode one page; `parent` is the object below which it was read.

        Raises MalformedAnswer if the body is not the JSON of a page; a bad object is only rejected.
        """
        body = self._answer.as_page(body.removeprefix(codecs.BOM_UTF8))
        if self._answer.named != "value":
            body = as_value(body, self._answer.named)
        each, expected = self._answer.each, self._answer.objects
        told: int | None = None
        if each is not None:
            body, told = of_elements(body, each)
        page = self._page(body, parent)
        if each is None:
            told = len(page.rows.ids) + len(page.rows.rejected)
        if expected is not None and (expected != told or page.next_link is not None):
            raise MalformedAnswer("graph_malformed", reason="the answer is not one object")
        if not self._key and any(map(self._is_blank, page.rows.values)):
            raise MalformedAnswer("graph_malformed", reason="the answer has nothing of the object")
        return page

    def _is_blank(self, values: Sequence[Any]) -> bool:
        """Whether an object, which has no key to know it by, told nothing at all."""
        own = zip(self._columns, values, strict=True)
        return all(value is None for column, value in own if not column.source.startswith("{"))

    def _page(self, body: bytes, parent: Parent | None) -> Page:
        _require_utf8(body)
        try:
            untouched: Any = self._raw.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            return self._salvaged(body, parent, error)
        links = links_of(untouched)
        try:
            typed, exact = _both(self._typed, self._exact, body)
        except msgspec.ValidationError:
            return Page(self._one_by_one(untouched.value, parent), *links)
        raws = list(map(bytes, untouched.value))
        return Page(self._rows(typed.value, exact.value, raws, parent), *links)

    def _salvaged(self, body: bytes, parent: Parent | None, error: Exception) -> Page:
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

    def _one_by_one(self, objects: Iterable[msgspec.Raw | bytes], parent: Parent | None) -> Rows:
        good: list[Any] = []
        exact, raws, rejected = [], [], []
        came_back: dict[str | None, int] = {}
        changed = 0
        for item in objects:
            sent = bytes(item)
            raw = mended(sent)
            try:
                struct, same = _both(self._one, self._exact_one, raw)
            except (msgspec.DecodeError, RecursionError) as error:
                own = self._readable_id(raw, parent)
                rejected.append(Rejected(own, str(error)))
                came_back[own] = len(good)
                continue
            good.append(struct)
            exact.append(same)
            raws.append(raw)
            changed += raw != sent
        rows = self._rows(good, exact, raws, parent)
        rows.rejected, rows.mended = rejected, changed
        _drop_removals(rows, came_back)
        return rows

    def _rows(
        self, structs: list[Any], exact: list[Any], raws: list[bytes], parent: Parent | None
    ) -> Rows:
        told = properties(structs)
        ids = self._ids(told, parent, len(structs))
        gone = _removals(told.get(self._removed, ()))
        if self._kept is not None:
            # One that is not kept (any more) is to the store as one that is not there (any more).
            gone = sorted({*gone, *self._kept.passed_over(told)})
        removed = [ids[place] for place in gone]
        if gone:
            kept = sorted(set(range(len(ids))).difference(gone))
            ids, raws = [ids[n] for n in kept], [raws[n] for n in kept]
            structs, exact = [structs[n] for n in kept], [exact[n] for n in kept]
            told = properties(structs)
        timeless = told if exact is structs else properties(exact)
        values = [
            self._column(column, told if column.type == "timestamp" else timeless, parent, len(ids))
            for column in self._columns
        ]
        return Rows(
            ids=ids,
            hashes=self._hashes(raws),
            values=list(zip(*values, strict=True)),
            raws=raws,
            parents=[parent.id] * len(ids) if parent is not None else [],
            removed=removed,
            removed_after=[place - earlier for earlier, place in enumerate(gone)],
        )

    def _ids(
        self, told: Mapping[str, Sequence[Any]], parent: Parent | None, count: int
    ) -> list[str]:
        if not self._key:
            return [self._dataset if parent is None else parent.id] * count
        parts = [_walked(told, source) for source in self._key]
        ids = list(parts[0] if len(parts) == 1 else map("/".join, zip(*parts, strict=True)))
        return ids if parent is None else [f"{parent.id}/{own}" for own in ids]

    def _column(
        self, column: Column, told: Mapping[str, Sequence[Any]], parent: Parent | None, count: int
    ) -> Sequence[Any]:
        """Return the column's value in each row: a walk down the path, None where a part is absent."""
        if column.source.startswith("{"):
            told_at = clock.now() if column.source == TOLD else None
            return [told_at or told_by(parent, column)] * count
        values = _walked(told, column.source)
        if column.type == "json":
            return list(map(_json, values))
        if column.seconds:
            return [None if value is None else value.total_seconds() for value in values]
        if column.type == "timestamp":
            return settled(values, never=column.name != self._event_time)
        return values

    def _hashes(self, raws: list[bytes]) -> list[bytes]:
        """Hash the objects without annotations, which come and go: they are no part of the data.

        Where columns are made of annotations the store compares (see merge_statements).
        """
        if self._uses_annotations or not are_annotated(raws):
            return list(map(content_hash, raws))
        return [content_hash(without_annotations(raw)) for raw in raws]

    def _readable_id(self, raw: bytes, parent: Parent | None) -> str | None:
        try:
            item = msgspec.json.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return None
        if not isinstance(item, dict) or not all(isinstance(item.get(k), str) for k in self._key):
            return None
        above = () if parent is None else (parent.id,)
        return "/".join((*above, *(item[k] for k in self._key))) or self._dataset


@cache
def decoder_of(collector: Collector) -> Decoder:
    """Return the decoder of `collector`, built once per worker."""
    return Decoder(collector)


def content_hash(raw: bytes) -> bytes:
    """Return 16 bytes over the object's bytes. SHA-256 has CPU instructions: twice BLAKE2b's speed."""
    return hashlib.sha256(raw).digest()[:HASH_BYTES]


def _both(
    typed: msgspec.json.Decoder[Any], exact: msgspec.json.Decoder[Any], sent: bytes
) -> tuple[Any, Any]:
    """Decode twice where times have to be cut to be understood; all else is kept as it was sent."""
    try:
        struct = typed.decode(sent)
    except msgspec.ValidationError:
        if _LATEST not in sent:
            raise
        return typed.decode(_LATEST_TICKS.sub(b"", sent)), exact.decode(sent)
    return struct, struct


def _walked(told: Mapping[str, Sequence[Any]], source: str) -> Sequence[Any]:
    """Return what is at the end of a path in each object; None where a part is absent."""
    first, *rest = map(field, source.split("/"))
    values = told.get(first, ())
    for part in rest:
        step = attrgetter(part)
        values = [None if value is None else step(value) for value in values]
    return values


def _removals(marks: Sequence[msgspec.Raw | None]) -> list[int]:
    """Return the places of the objects that are marked as removed."""
    if marks.count(None) == len(marks):
        return []
    return [place for place, mark in enumerate(marks) if mark not in (None, NULL)]


def _drop_removals(rows: Rows, came_back: Mapping[str | None, int]) -> None:
    """Forget that an object was removed which came back as one that was rejected.

    `came_back` tells how many objects stood before it that were not rejected, removed ones included.
    """
    told = list(enumerate(zip(rows.removed, rows.removed_after, strict=True)))
    # Before the removal number n stand n others, and the rows.
    stays = [(gone, after) for n, (gone, after) in told if came_back.get(gone, 0) <= after + n]
    rows.removed = [gone for gone, _ in stays]
    rows.removed_after = [after for _, after in stays]


def _json(value: msgspec.Raw | None) -> bytes | None:
    json_bytes = None if value is None else bytes(value)
    return None if json_bytes == b"null" else json_bytes


def _require_utf8(body: bytes) -> None:
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedAnswer("graph_malformed", reason=f"not UTF-8: {error.reason}") from None
