"""Changes of the items of one drive: the first round tells of all of them, later ones of what changed.

Rules: "driveItem: delta" and the scan guidance. Unlike the directory a drive tells of a removal by the
`deleted` facet, may tell of an item twice in a round (the last time counts), and starts over with 410
and a Location.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from infra.local.sandbox.areas.drives import (
    ITEM,
    READ,
    SERVICE,
    find_drive,
    licence,
    not_permitted,
)
from infra.local.sandbox.messages import JSON, ApiError, Reply
from infra.local.sandbox.odata.options import bad_request, read_options
from infra.local.sandbox.odata.pages import (
    MAX_EMPTY_PAGES,
    Paging,
    context,
    page_body,
    page_size,
    seal,
    unseal,
)
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.drives import SLOTS
from infra.local.sandbox.tenant.libraries import Found, Library

_PAGING = Paging(200, 1_000)
_SHARING = "deltashowsharingchanges"
_NEEDS_SHARING = ("deltashowremovedasdeleted", "deltatraversepermissiongaps")
_TOLD = (*_NEEDS_SHARING, _SHARING, "hierarchicalsharing")
_TWICE = 100  # of 256 drives tell of an item twice in their first round


@dataclass(slots=True)
class _Round:
    """Where a round of a drive stands: the content of its tokens.

    `since` is None in the first round, `until` the sequence number the round leads to, `prefer` what was
    asked of the first request; `born` as in the directory's tokens.
    """

    drive: str
    select: list[str] | None
    prefer: list[str]
    since: int | None
    until: int
    born: int
    position: int = 0
    nonce: int = 0

    def seal(self, call: Call) -> str:
        return seal(
            call, self.drive, self.select, self.prefer, self.since, self.until, self.born, self.position,
            self.nonce,
        )  # fmt: skip


def _prefer(call: Call) -> list[str]:
    """What the request prefers; raises ApiError 400 for what goes only with sharing changes."""
    asked = [name for name in _TOLD if call.preference(name) is not None]
    if _SHARING not in asked and any(name in asked for name in _NEEDS_SHARING):
        raise bad_request(f"The preference {asked[0]} needs {_SHARING} too.")
    return asked


def _gone(call: Call) -> ApiError:
    select = call.query.get("$select")
    chosen = f"?$select={quote(select, safe=',')}" if select else ""
    fresh = f"{call.base}/{call.request.path.split('/', 2)[2]}{chosen}"
    return ApiError(410, "resyncChangesApplyDifferences", "Resync required.", {"location": fresh})


def _current(call: Call, select: tuple[str, ...] | None) -> _Round:
    token, line = call.query.get("token"), call.tenant.timeline
    drive = call.args["drive"]
    prefer = _prefer(call)
    if not token or token == "latest":  # noqa: S105 - a word of the protocol
        chosen = list(select) if select else None
        born = line.born if line.sequence else 0
        return _Round(drive, chosen, prefer, None, line.sequence, born)
    current = _Round(*unseal(call, token))
    restarted = current.until and current.born != line.born
    if "delta_reset" in call.faults or restarted or prefer != current.prefer:
        raise _gone(call)
    if current.drive != drive:
        raise bad_request("The token belongs to another drive.")
    if current.position < 0:  # a deltaLink: a new round begins
        current.since, current.until = current.until, line.sequence
        current.position, current.born = 0, line.born if line.sequence else 0
    return current


def _delta(call: Call) -> Reply:
    found = find_drive(call)
    options = read_options(call, ITEM, frozenset({"$select", "$expand", "$top"}))
    current = _current(call, options.select)
    if call.query.get("token") == "latest":
        return _page(call, current, [], done=True)
    if "empty_page" in call.faults and current.nonce < MAX_EMPTY_PAGES:
        current.nonce += 1
        return _page(call, current, [], done=False)
    first = current.since is None
    rows = _all(call, found) if first else _changes(call, found.library, current)
    size = page_size(call, options, _PAGING)
    part = [row for row in rows[current.position : current.position + size] if row is not None]
    current.position += size
    return _page(call, current, part, done=current.position >= len(rows))


def _all(call: Call, found: Found) -> list[Entity | None]:
    """The items of the first round; now and then the first one after the root comes twice.

    None stands where nothing is (any more), so that no page shifts when something is deleted.
    """
    (drives, _sharing), index = found
    items, own = drives.items, range(index * SLOTS, (index + 1) * SLOTS)
    rows = [next(items.rows(place, place + 1), None) for place in own]
    rows += [
        row if row is not None and drives.drive_of(row) == call.args["drive"] else None
        for row in (
            next(items.rows(place, place + 1), None) for place in range(items.size, len(items))
        )
    ]
    early = rows[1]
    if early is not None and drives.twice(index, _TWICE):
        rows = [rows[0], {**early, "name": f"{early['name']} (before)"}, *rows[2:], early]
    return rows


def _changes(call: Call, library: Library, current: _Round) -> list[Entity | None]:
    (drives, sharing), since = library, current.since or 0
    items = drives.items
    told: list[Entity | None] = []
    for key in items.changed_since(since, current.until):
        state = items.state(key)
        known = state or items.before_deletion(key)
        if drives.drive_of(known) != call.args["drive"]:
            continue
        if state is None:
            told.append({
                "id": key, "deleted": {"state": "deleted"}, "parentReference": known["parentReference"],
            })  # fmt: skip
            continue
        changed = sharing.changed(key, since, current.until)
        if changed and _SHARING in current.prefer and "file" in state:
            state = {**state, "@microsoft.graph.sharedChanged": "True"}
        told.append(state)
    if "replay" in call.faults and told:
        told.append(told[0])
    return told


def _page(call: Call, current: _Round, rows: list[Entity], *, done: bool) -> Reply:
    select = current.select
    head: dict[str, Any] = {
        "@odata.context": context(call, f"drives('{call.args['drive']}')/items")
    }
    if done:
        current.position, current.nonce = -1, 0
    name = "@odata.deltaLink" if done else "@odata.nextLink"
    path = call.request.path.split("/", 2)[2]
    head[name] = f"{call.base}/{path}?token={current.seal(call)}"
    shown = rows if select is None else [
        {name: row[name] for name in ("id", *select, "@microsoft.graph.sharedChanged") if name in row}
        for row in rows
    ]  # fmt: skip
    return Reply(body=page_body(head, shown), headers={"content-type": JSON})


def _cost(query: dict[str, str]) -> int:
    """Resource units: two for a fresh enumeration, one with a token."""
    return 1 if query.get("token") else 2


_PATTERN = r"/drives/(?P<drive>[^/]+)/(root|items/root)/(microsoft\.graph\.)?delta"
ROUTES = (Route(_PATTERN, _delta, READ, SERVICE, _cost, licence=licence, refusal=not_permitted),)
