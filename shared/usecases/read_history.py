"""Tells the history of one object: each version with what it changed, and how far that can be trusted."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from shared.core import registry
from shared.core.collector import Collector
from shared.core.coverage import Coverage
from shared.core.errors import Forbidden, NotFound
from shared.core.object_history import Begins, Change, Ends, begins, changes, ends
from shared.core.retention import History
from shared.store.answers.object_history import TIMEOUT, ObjectHistory, Place, SeenVersion
from shared.store.session.sessions import tenant_snapshot
from shared.usecases.check_tenant import check_connected

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Version(Struct, frozen=True, kw_only=True):
    """A version of the object; `until` and `ends` are None while it holds."""

    day: date | None
    since: datetime
    until: datetime | None
    last_seen_at: datetime
    begins: Begins
    ends: Ends | None
    changes: list[Change]


class HistoryPage(Struct, frozen=True, kw_only=True):
    """A page of an object's history. `present` is None for what is told once, or a day at a time."""

    object_id: str
    collector: Collector
    coverage: Coverage
    present: bool | None
    first_seen_at: datetime
    last_seen_at: datetime
    versions: list[Version]
    onward: Place | None


class HistoryAsked(Struct, frozen=True, kw_only=True):
    """Whose history: `names` are the ids that may be meant. `mask_key` is set for who may not see
    personal data (core.masking), `most` is how many versions, `after` where the page before ended."""

    tenant_id: UUID
    dataset: str
    names: Sequence[str]
    mask_key: str | None
    most: int
    after: Place | None = None


def read_history(engine: "Engine", asked: HistoryAsked) -> HistoryPage:
    """Return a page of versions, newest first.

    NotFound for a dataset or an object that was never seen: its code says whether anybody looked.
    Forbidden where the id itself is personal, for who may not see that.
    """
    collector = registry.collector(asked.dataset)
    if asked.mask_key is not None and collector.names_people:
        raise Forbidden("object_withheld", value=asked.dataset, permission="report:personal")
    with tenant_snapshot(engine, asked.tenant_id, timeout=TIMEOUT) as session:
        store = ObjectHistory(session, asked.tenant_id, collector, asked.mask_key)
        standing = store.standing()
        check_connected(asked.tenant_id, standing.tenant_state)
        for object_id in asked.names:
            # One more than asked for: it says what was before, and whether there is another page.
            if found := store.versions(object_id, asked.most + 1, asked.after):
                break
    (coverage,) = standing.coverage
    if not found:
        name = asked.names[0]
        if coverage.complete_at is None:
            state = coverage.state
            raise NotFound("object_unread", value=name, dataset=asked.dataset, state=state)
        raise NotFound("object_unknown", value=name, dataset=asked.dataset)
    history = standing.histories.get(asked.dataset, History())
    more = len(found) > asked.most
    newest, is_entity = found[0], collector.shape == "entity"
    return HistoryPage(
        object_id=object_id,
        collector=collector,
        coverage=coverage,
        present=newest.last_until is None if is_entity else None,
        first_seen_at=newest.first_since,
        last_seen_at=newest.object_seen_at,
        versions=_told(collector, found, history, more=more, masked=asked.mask_key is not None),
        onward=found[-2].place if more else None,
    )


def _told(
    collector: Collector,
    found: Sequence[SeenVersion],
    history: History,
    *,
    more: bool,
    masked: bool,
) -> list[Version]:
    pairs: list[tuple[SeenVersion, SeenVersion | None]] = [*pairwise(found)]
    if not more:
        pairs.append((found[-1], None))
    return [
        Version(
            day=own.day,
            since=own.since,
            until=own.until,
            last_seen_at=own.last_seen_at,
            begins=begins(
                own.since, own.former_until, history, measured=collector.shape == "measure"
            ),
            ends=ends(own.until, own.next_since, history),
            changes=changes(
                collector,
                None if before is None else before.values,
                own.values,
                (None if before is None else before.raw, own.raw),
                masked=masked,
            ),
        )
        for own, before in pairs
    ]
