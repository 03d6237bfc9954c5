"""Change tracking: the first round enumerates, later rounds answer what changed since their token.

Rules: "Use delta query to track changes in Microsoft Graph data".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infra.local.sandbox.messages import JSON, ApiError, Reply
from infra.local.sandbox.odata.options import bad_request, read_select, unsupported
from infra.local.sandbox.odata.pages import MAX_EMPTY_PAGES, context, link, page_body, seal, unseal
from infra.local.sandbox.odata.schema import EntityType
from infra.local.sandbox.pagecache import gzip_bytes
from infra.local.sandbox.routing import Call
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.groups import Memberships

TOKEN_LIFETIME = timedelta(days=7)
DEFAULT_PAGE, MAX_PAGE = 100, 999
MAX_EDGES = 2_000  # members@delta entries of one page; a larger group goes on with the next page
MAX_FILTER_IDS = 50
_ID_FILTER = re.compile(r"\s*id\s+eq\s+'([^']*)'\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tracked:
    """A collection with change tracking; `members` is there when it tracks a relation too."""

    collection: Collection
    kind: EntityType
    fragment: str
    memberships: Memberships | None = None


@dataclass(slots=True)
class _Round:
    """Where a round stands: the content of its tokens.

    `since` is None in the first round. `until` is the sequence number the round leads to,
    `position` and `edge` where the next page starts, `nonce` tells repeated links apart, `born` is
    that of the timeline, 0 for the seeded tenant, which every process finds again.
    """

    select: list[str] | None
    ids: list[str] | None
    since: int | None
    until: int
    issued: float
    born: int
    position: int = 0
    edge: int = 0
    nonce: int = 0

    def seal(self, call: Call) -> str:
        return seal(
            call,
            self.select,
            self.ids,
            self.since,
            self.until,
            self.issued,
            self.born,
            self.position,
            self.edge,
            self.nonce,
        )


def delta_reply(call: Call, tracked: Tracked) -> Reply:
    """One page of a delta round."""
    for option in ("$top", "$expand", "$orderby", "$search", "$count"):
        if option in call.query:
            raise unsupported(f"The query option '{option}' is not supported on a delta request.")
    token = call.query.get("$skiptoken") or call.query.get("$deltatoken")
    if "delta_reset" in call.faults and token:
        raise _gone(call)
    if call.query.get("$deltatoken") == "latest":
        return _page(call, tracked, _first(call, tracked), [], done=True)
    current = _current(call, tracked)
    if "empty_page" in call.faults and current.nonce < MAX_EMPTY_PAGES:
        current.nonce += 1
        return _page(call, tracked, current, [], done=False)
    if current.since is None:
        return _enumerate(call, tracked, current)
    return _changes(call, tracked, current)


def _gone(call: Call) -> ApiError:
    fresh = f"{call.base}/{call.request.path.split('/', 2)[2]}?$deltatoken="
    return ApiError(
        410, "syncStateNotFound", "The sync state generation is not found.", {"location": fresh}
    )


def _first(call: Call, tracked: Tracked) -> _Round:
    select = read_select(call.query.get("$select"), tracked.kind, navigation=True)
    ids = None
    if "$filter" in call.query:
        parts = re.split(r"\s+or\s+", call.query["$filter"].strip(), flags=re.IGNORECASE)
        matches = [_ID_FILTER.fullmatch(part) for part in parts]
        if len(parts) > MAX_FILTER_IDS or not all(matches):
            raise unsupported("Delta supports only $filter by up to 50 object ids.")
        ids = [match[1].lower() for match in matches if match]
    sequence = call.tenant.timeline.sequence
    chosen = list(select) if select else None
    return _Round(chosen, ids, None, sequence, _issued(call), _born(call))


def _current(call: Call, tracked: Tracked) -> _Round:
    token = call.query.get("$skiptoken") or call.query.get("$deltatoken")
    if not token:
        return _first(call, tracked)
    if "$skiptoken" in call.query or "$deltatoken" in call.query:
        for option in ("$select", "$filter"):
            if option in call.query:
                raise bad_request(f"'{option}' must not be given again with a token.")
    current = _Round(*unseal(call, token))
    now = call.now
    expired = now.timestamp() - current.issued > TOKEN_LIFETIME.total_seconds()
    restarted = current.until and current.born != call.tenant.timeline.born
    if expired or restarted:
        raise _gone(call)
    if "$deltatoken" in call.query:
        current.since, current.until = current.until, call.tenant.timeline.sequence
        current.position = current.edge = current.nonce = 0
        current.issued, current.born = _issued(call), _born(call)
    return current


def _born(call: Call) -> int:
    return call.tenant.timeline.born if call.tenant.timeline.sequence else 0


def _issued(call: Call) -> float:
    """The hour a token dates from; whole hours keep the pages of repeated first rounds identical."""
    return call.now.timestamp() // 3_600 * 3_600


def _size(call: Call) -> int:
    asked = call.preference("odata.maxpagesize")
    return (
        min(int(asked), MAX_PAGE) if asked and asked.isdigit() and int(asked) > 0 else DEFAULT_PAGE
    )


def _shown(row: Entity, current: _Round, tracked: Tracked) -> Entity:
    """A row as delta shows it: a property that was never set is absent."""
    names = current.select if current.select is not None else tracked.kind.defaults or row
    shown = {name: row[name] for name in names if name in row}
    shown.setdefault("id", row["id"])
    return shown


def _edge(call: Call, member: str, *, present: bool = True) -> Entity:
    kind = call.tenant.kind_of(member)
    item: Entity = {"@odata.type": f"#microsoft.graph.{kind}", "id": member}
    if not present:
        item["@removed"] = {"reason": "deleted"}
    return item


def _tracks_members(tracked: Tracked, current: _Round) -> bool:
    return tracked.memberships is not None and "members" in (current.select or ())


def _enumerate(call: Call, tracked: Tracked, current: _Round) -> Reply:
    size = _size(call)
    if current.ids is None and not _tracks_members(tracked, current):
        return _plain_page(call, tracked, current, size)
    rows: list[Entity] = []
    edges = 0
    while current.position < len(tracked.collection) and len(rows) < size and edges < MAX_EDGES:
        for row in tracked.collection.rows(current.position, current.position + 1):
            if current.ids is not None and row["id"] not in current.ids:
                continue
            shown = _shown(row, current, tracked)
            if _tracks_members(tracked, current) and tracked.memberships is not None:
                members = tracked.memberships.places(row["id"])
                part = members[current.edge : current.edge + MAX_EDGES - edges]
                if any(part):
                    shown["members@delta"] = [_edge(call, member) for member in part if member]
                edges += len(part)
                current.edge = (
                    current.edge + len(part) if current.edge + len(part) < len(members) else 0
                )
            rows.append(shown)
        if current.edge == 0:
            current.position += 1
    return _page(call, tracked, current, rows, done=current.position >= len(tracked.collection))


def _plain_page(call: Call, tracked: Tracked, current: _Round, size: int) -> Reply:
    """A page of the first round without relations; encoded pages are kept while nothing changes."""
    stop = current.position + size
    done = stop >= len(tracked.collection)
    version = call.tenant.timeline.sequence
    key = (
        "delta", call.tenant.tenant_id, call.base, tracked.fragment, tuple(current.select or ()), current.position,
        size, version, current.until, current.issued, current.nonce,
    )  # fmt: skip
    encoded = None if done else call.cache.get(key)
    if encoded is not None:
        return Reply(headers={"content-type": JSON}, packed=encoded)
    rows = [
        _shown(row, current, tracked) for row in tracked.collection.rows(current.position, stop)
    ]
    current.position = stop
    reply = _page(call, tracked, current, rows, done=done)
    if not done:
        reply.packed = gzip_bytes(reply.body)
        call.cache.put(key, reply.packed)
    return reply


def _changes(call: Call, tracked: Tracked, current: _Round) -> Reply:
    since = current.since or 0
    found: dict[str, None] = dict.fromkeys(tracked.collection.changed_since(since, current.until))
    edges: dict[str, dict[str, bool]] = {}
    if _tracks_members(tracked, current) and tracked.memberships is not None:
        edges = tracked.memberships.changed_since(since, current.until)
        found.update(dict.fromkeys(edges))
    keys = [key for key in found if current.ids is None or key in current.ids]
    if "replay" in call.faults and current.position == 0:
        keys = [*keys, *(row["id"] for row in tracked.collection.rows(0, 3)), *keys[:1]]
    size = _size(call)
    page = keys[current.position : current.position + size]
    rows = [_changed(call, tracked, current, key, edges.get(key)) for key in page]
    current.position += size
    return _page(call, tracked, current, rows, done=current.position >= len(keys))


def _changed(
    call: Call, tracked: Tracked, current: _Round, key: str, edges: dict[str, bool] | None
) -> Entity:
    state = tracked.collection.state(key)
    if state is None:
        return {"id": key, "@removed": {"reason": tracked.collection.reason(key)}}
    before = tracked.collection.state(key, current.since)
    shown = _shown(state, current, tracked)
    if call.preference("return") == "minimal" and before is not None:
        shown = {n: v for n, v in shown.items() if n == "id" or n not in before or before[n] != v}
    if _tracks_members(tracked, current) and tracked.memberships is not None:
        if before is None:  # new or restored: the relation starts over
            edges = dict.fromkeys(tracked.memberships.members(key), True)
        if edges:
            shown["members@delta"] = [_edge(call, m, present=there) for m, there in edges.items()]
    return shown


def _page(
    call: Call, tracked: Tracked, current: _Round, rows: Iterable[Entity], *, done: bool
) -> Reply:
    select = tuple(current.select) if current.select else None
    head: dict[str, Any] = {"@odata.context": context(call, tracked.fragment, select)}
    name, label = ("$deltatoken", "@odata.deltaLink") if done else ("$skiptoken", "@odata.nextLink")
    if done:
        current.nonce = 0
    head[label] = link(call, name, current.seal(call))
    return Reply(body=page_body(head, list(rows)), headers={"content-type": JSON})
