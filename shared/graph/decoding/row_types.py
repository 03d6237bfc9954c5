"""Builds the types that msgspec decodes a collector's objects into, and takes what it decoded apart."""

from collections.abc import Collection, Mapping, Sequence
from copy import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec

from shared.core.collector import Collector, Column
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


type _Path = tuple[str, ...]


def row_type(collector: Collector) -> type[msgspec.Struct]:
    """Build the struct of one object: the key, what it lies in, and the event's time are required, all
    else is optional."""
    kinds: dict[_Path, Any] = {_path(source): _KEY for source in collector.key}
    for column in collector.columns:
        if not column.source.startswith("{") and column.name != collector.event_time:
            kinds.setdefault(_path(column.source), _type(column))
    # What happened below an event may have the time of that.
    times = {
        c.source: _TYPES[c.type]
        for c in collector.columns
        if c.name == collector.event_time and not c.source.startswith("{")
    }
    kinds |= {_path(source): kind for source, kind in times.items()}
    marks = (collector.extent.removed, collector.keep.having)
    held = {path[0] for path in kinds}
    kinds |= {(mark,): msgspec.Raw for mark in marks if mark is not None and mark not in held}
    needed = [_path(source) for source in (*collector.key, *times)]
    return _struct("Row", kinds, {path[:n] for path in needed for n in range(1, len(path) + 1)}, ())


def _type(column: Column) -> Any:
    return timedelta if column.seconds else _TYPES[column.type]


def _path(source: str) -> _Path:
    return tuple(source.split("/"))


def _struct(
    name: str, kinds: Mapping[_Path, Any], needed: Collection[_Path], above: _Path
) -> type[msgspec.Struct]:
    """Build the struct of what lies at the path `above`."""
    required: list[Any] = []
    optional: list[Any] = []
    within = [path for path in kinds if path[: len(above)] == above]
    names = dict.fromkeys(path[len(above)] for path in within)
    for own in names:
        path = (*above, own)
        kind = kinds[path] if path in kinds else _struct(field(own), kinds, needed, path)
        if path in needed:
            required.append((field(own), kind))
        else:
            # msgspec takes null into Raw as b"null"; a union with Raw it does not know.
            optional.append((field(own), kind if kind is msgspec.Raw else kind | None, None))
    rename = {field(own): own for own in names}
    # Nothing in an object refers back to it: the collector of garbage need not look at thousands a page.
    return msgspec.defstruct(name, [*required, *optional], rename=rename, gc=False)


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
