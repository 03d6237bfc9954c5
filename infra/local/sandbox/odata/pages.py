"""Pages of a list: skip tokens, next links, counts and the projection to `$select`."""

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from infra.local.sandbox.messages import JSON, ApiError, Reply
from infra.local.sandbox.odata.options import Options, read_options
from infra.local.sandbox.odata.schema import EntityType
from infra.local.sandbox.pagecache import PageKey, gzip_bytes
from infra.local.sandbox.routing import Call
from infra.local.sandbox.tenant.collection import Entity

SCAN_LIMIT = 20_000  # a filtered page looks at so many objects, then hands out a short page
_SAFE = "$(),'/:=@~ "
_MAC = 6
MAX_EMPTY_PAGES = 3  # injected empty pages in a row


class Source(Protocol):
    """Rows by position; positions of deleted objects are simply empty."""

    def __len__(self) -> int:
        """Number of positions."""

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The living rows of a range of positions."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A source over objects that are at hand."""

    objects: list[Entity]

    def __len__(self) -> int:
        return len(self.objects)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The rows of a range of positions."""
        return iter(self.objects[start:stop])


@dataclass(frozen=True, slots=True)
class Paging:
    """Page sizes of a path, how its links go on (`by_skip`: by a number of rows, for all to see), and
    whether pages may be kept encoded (`version` changes with the data)."""

    default: int = 100
    maximum: int = 999
    by_preference: bool = False
    by_skip: bool = False
    version: int | None = None


def seal(call: Call, *parts: Any) -> str:
    """An opaque, tamper-evident token for links of this tenant."""
    raw = msgspec.msgpack.encode(parts)
    return base64.urlsafe_b64encode(_mac(call, raw) + raw).rstrip(b"=").decode()


def unseal(call: Call, token: str) -> Any:
    """The parts of a token; raises ApiError 400 for a token of somebody else."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    if len(raw) <= _MAC or raw[:_MAC] != _mac(call, raw[_MAC:]):
        raise ApiError(400, "Directory_ExpiredPageToken", "The specified page token is invalid.")
    return msgspec.msgpack.decode(raw[_MAC:])


def _mac(call: Call, raw: bytes) -> bytes:
    return blake2b(raw, digest_size=_MAC, key=call.tenant.tenant_id.encode()).digest()


def link(call: Call, name: str, token: str, keep: Iterable[str] = ()) -> str:
    """An absolute link to the path of this call with a token; `keep` repeats query options."""
    kept = [
        f"{option}={quote(call.query[option], safe=_SAFE)}"
        for option in keep
        if option in call.query
    ]
    path = call.request.path.split("/", 2)[2]
    return f"{call.base}/{path}?{'&'.join([*kept, f'{name}={token}'])}".replace(" ", "%20")


def context(call: Call, fragment: str, select: tuple[str, ...] | None = None) -> str:
    """`@odata.context` of an answer."""
    chosen = f"({','.join(select)})" if select else ""
    return f"{call.base}/$metadata#{fragment}{chosen}"


def project(
    rows: Iterable[Entity], kind: EntityType, select: tuple[str, ...] | None
) -> list[Entity]:
    """Rows as a list shows them: selected or default properties, absent ones null or []."""
    names = select if select is not None else kind.defaults
    if not names:
        return list(rows)
    fills: list[tuple[str, Any]] = [(n, [] if n in kind.collections else None) for n in names]
    return [{name: row.get(name, fill) for name, fill in fills} for row in rows]


def page_body(head: dict[str, Any], rows: list[Entity]) -> bytes:
    """A page with its annotations in front of `value`, as Graph writes it."""
    start = msgspec.json.encode(head)[:-1]
    return (
        start + (b"," if len(start) > 1 else b"") + b'"value":' + msgspec.json.encode(rows) + b"}"
    )


def page_size(call: Call, options: Options, paging: Paging) -> int:
    """The number of rows of a page; raises ApiError 400 above the maximum."""
    if options.top is not None:
        if options.top > paging.maximum:
            raise ApiError(
                400,
                "Request_BadRequest",
                f"Page size {options.top} exceeds the limit of {paging.maximum}.",
            )
        return options.top
    asked = call.preference("odata.maxpagesize")
    if paging.by_preference and asked and asked.isdigit() and int(asked) > 0:
        return min(int(asked), paging.maximum)
    return paging.default


def list_reply(
    call: Call,
    source: Source,
    kind: EntityType,
    fragment: str,
    *,
    options: Options | None = None,
    paging: Paging = Paging(),
    shape: Callable[[Entity], Entity] | None = None,
) -> Reply:
    """One page of a list. `shape` completes a row before it is projected (expansions)."""
    options = options or read_options(call, kind)
    size = page_size(call, options, paging)
    key = _cache_key(call, options, paging, size)
    packed = call.cache.get(key) if key else None
    if packed is not None:
        return Reply(headers={"content-type": JSON}, packed=packed)
    position, nonce = _place(call, paging)
    head: dict[str, Any] = {"@odata.context": context(call, fragment, options.select)}
    if options.count and position == 0:
        head["@odata.count"] = sum(1 for _row in _matching(source, options, 0, len(source)))
    ordered = _sorted(source, options)
    if "empty_page" in call.faults and nonce < MAX_EMPTY_PAGES and not paging.by_skip:
        rows: list[Entity] = []
        nonce += 1
    else:
        rows, position = _take(ordered, options, position, size)
    if position < len(ordered):
        head["@odata.nextLink"] = _onwards(call, paging, position, nonce)
    if shape is not None:
        rows = [shape(row) for row in rows]
    reply = Reply(body=page_body(head, _shown(rows, kind, options)), headers={"content-type": JSON})
    if key is not None:
        reply.packed = gzip_bytes(reply.body)
        call.cache.put(key, reply.packed)
    return reply


def _place(call: Call, paging: Paging) -> tuple[int, int]:
    """The position that a link goes on from, and how many empty pages were before it."""
    if paging.by_skip:
        skip = call.query.get("$skip", "0")
        if not skip.isdigit():
            raise ApiError(400, "BadRequest", f"Invalid value '{skip}' for $skip query option.")
        return int(skip), 0
    token = call.query.get("$skiptoken")
    position, nonce = unseal(call, token) if token else (0, 0)
    return position, nonce


def _onwards(call: Call, paging: Paging, position: int, nonce: int) -> str:
    if paging.by_skip:
        kept = [name for name in call.query if name != "$skip"]
        return link(call, "$skip", str(position), kept)
    kept = [name for name in call.query if name != "$skiptoken"]
    return link(call, "$skiptoken", seal(call, position, nonce), kept)


def count_reply(call: Call, source: Source, kind: EntityType) -> Reply:
    """The answer of a `/$count` segment on directory objects: a number as plain text."""
    if not call.eventual:
        raise ApiError(400, "Request_BadRequest", "$count is not currently supported.")
    options = read_options(call, kind, frozenset({"$filter", "$search"}))
    number = sum(1 for _row in _matching(source, options, 0, len(source)))
    return Reply(body=str(number).encode(), headers={"content-type": "text/plain"})


def _cache_key(call: Call, options: Options, paging: Paging, size: int) -> PageKey | None:
    """What tells an encoded page apart; None for pages that are not kept."""
    if paging.version is None or options.predicate or options.count or call.faults:
        return None
    query = tuple(call.query.items())
    return (call.tenant.tenant_id, call.base, call.request.path, query, size, paging.version)


def _shown(rows: list[Entity], kind: EntityType, options: Options) -> list[Entity]:
    chosen = options.select
    if options.expand and (chosen is not None or kind.defaults):
        chosen = (*(chosen or kind.defaults), *options.expand)
    return project(rows, kind, chosen)


def _matching(source: Source, options: Options, start: int, stop: int) -> Iterator[Entity]:
    rows = source.rows(start, stop)
    return rows if options.predicate is None else filter(options.predicate, rows)


def _sorted(source: Source, options: Options) -> Source:
    if not options.order:
        return source
    rows = list(source.rows(0, len(source)))
    for name, descending in reversed(options.order):
        rows.sort(
            key=lambda row: (row.get(name) is not None, str(row.get(name)).casefold()),
            reverse=descending,
        )
    return Listed(rows)


def _take(source: Source, options: Options, position: int, size: int) -> tuple[list[Entity], int]:
    """Rows of a page and the position after it; pages are full although deleted objects leave gaps."""
    rows: list[Entity] = []
    if options.predicate is None:
        while position < len(source) and len(rows) < size:
            step = size - len(rows)
            rows.extend(source.rows(position, position + step))
            position += step
        return rows, position
    stop = min(len(source), position + SCAN_LIMIT)
    while position < stop and len(rows) < size:
        rows.extend(filter(options.predicate, source.rows(position, position + 1)))
        position += 1
    return rows, position
