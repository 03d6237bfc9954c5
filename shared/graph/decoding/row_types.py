"""Builds the types that msgspec decodes a collector's objects into, and takes what it decoded apart."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from shared.core.collector import Collector
from shared.graph.decoding.damaged_pages import NULL

PARENT = "parent"

_TYPES: Mapping[str, Any] = {
    "text": str,
    "bool": bool,
    "int": Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    "float": float,
    "timestamp": Annotated[datetime, msgspec.Meta(tz=True)],
    "date": date,
    "json": msgspec.Raw,
}
_KEY = Annotated[str, msgspec.Meta(min_length=1)]


def row_type(collector: Collector) -> type[msgspec.Struct]:
    """Build the struct of one object: keys (and the event's time) required, all else optional."""
    needed: dict[str, Any] = {source: _KEY for source in collector.key if "/" not in source}
    tree: dict[str, Any] = {collector.extent.removed: msgspec.Raw}
    for column in collector.columns:
        if column.source.startswith("{"):
            continue
        if column.name == collector.event_time:
            needed[column.source] = _TYPES[column.type]
            continue
        *path, leaf = column.source.split("/")
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node.setdefault(leaf, _TYPES[column.type])
    if collector.keep.having is not None:
        tree.setdefault(collector.keep.having, msgspec.Raw)
    for source in needed:
        tree.pop(source, None)
    for source in collector.key:
        name, _, own = source.partition("/")
        if own:
            inner = {**tree.pop(name, {}), own: None}
            del inner[own]
            needed[name] = _struct(field(name), inner, {own: _KEY})
    return _struct("Row", tree, needed)


def timeless_type(collector: Collector) -> type[msgspec.Struct]:
    """Build the same struct with its times as they were sent: no `datetime` holds all of them."""
    columns = tuple(
        replace(column, type="json") if column.type == "timestamp" else column
        for column in collector.columns
    )
    return row_type(replace(collector, columns=columns))


def page_decoder(item: Any) -> msgspec.json.Decoder[Any]:
    """Return a decoder of pages whose `value` is a list of `item`."""
    fields: list[Any] = [
        ("value", list[item]),
        ("next_link", str | None, None),
        ("delta_link", str | None, None),
        ("error", msgspec.Raw, NULL),
    ]
    links = {"next_link": "@odata.nextLink", "delta_link": "@odata.deltaLink"}
    return msgspec.json.Decoder(msgspec.defstruct("DecodedPage", fields, rename=links))


def field(source: str) -> str:
    """Return the name of a property's field."""
    return source.replace("@", "").replace(".", "_")


def properties(structs: Sequence[msgspec.Struct]) -> dict[str, Sequence[Any]]:
    """Return the objects' values field by field; nothing if there is no object.

    An object is read at once: field by field each of them would be fetched from memory anew.
    """
    if not structs:
        return {}
    columns = zip(*map(msgspec.structs.astuple, structs), strict=True)
    return dict(zip(structs[0].__struct_fields__, columns, strict=True))


def _struct(name: str, tree: Mapping[str, Any], needed: Mapping[str, Any]) -> type[msgspec.Struct]:
    fields: list[Any] = [(field(source), kind) for source, kind in needed.items()]
    for source, kind in tree.items():
        inner = _struct(field(source), kind, {}) if isinstance(kind, dict) else kind
        # msgspec takes null into Raw as b"null"; a union with Raw it does not know.
        fields.append((field(source), inner if inner is msgspec.Raw else inner | None, None))
    rename = {field(source): source for source in (*needed, *tree)}
    return msgspec.defstruct(name, fields, rename=rename)
