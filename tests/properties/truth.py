"""What the sandbox's journal knows, and what the store must therefore hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from shared.core.collector import Since
from shared.core.registry import collector
from shared.store.session.sessions import tenant_session
from shared.store.work.ledger import LEDGER
from tests.properties.held import Held

type Objects = Mapping[str, Any]

_FOREVER = datetime.max.replace(tzinfo=UTC)
_EDGE_OF_WINDOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dataset comes from: its requests (a regular expression) and its name in the journal."""

    path: str
    journal: str
    keeps_past: bool = True


# Members fan out over the groups that are known, so they come after them.
ENTITIES = {
    "users": Source("/users/delta", "users"),
    "groups": Source("/groups/delta", "groups"),
    "members": Source(r"\$batch|/members", "members"),
    "sign_in_activity": Source(r"/users\?", "sign_in_activity"),
    "user_registration_details": Source("/userRegistrationDetails", "registrations"),
    "conditional_access_policies": Source("/policies", "conditional_access_policies"),
    "named_locations": Source("/namedLocations", "named_locations"),
    "role_definitions": Source("/roleDefinitions", "role_definitions"),
    "role_assignments": Source("/roleAssignments", "role_assignments"),
    "role_eligibilities": Source("/roleEligibilityScheduleInstances", "role_eligibilities"),
    "subscribed_skus": Source("/subscribedSkus", "subscribed_skus", keeps_past=False),
    "subscriptions": Source("/subscriptions", "subscriptions", keeps_past=False),
    "organization": Source("/organization", "organization", keeps_past=False),
    "domains": Source("/domains", "domains", keeps_past=False),
    "service_health": Source("/healthOverviews", "health_overviews", keeps_past=False),
}
EVENTS = {
    "sign_ins": Source("/auditLogs/signIns", "sign_ins", keeps_past=False),
    "directory_audits": Source("/auditLogs/directoryAudits", "directory_audits", keeps_past=False),
}
MEASURES = {"mailbox_usage": Source("getMailboxUsageDetail|reportSettings", "", keeps_past=False)}


def truth(held: Held, dataset: str) -> dict[str, Any]:
    """Return what the journal says is there now, as far as the dataset asks for it."""
    name = (ENTITIES | EVENTS)[dataset].journal
    told = held.admin.journal(name, str(held.tenant_id), select=_select(dataset, name))
    return comparable(dataset, told["objects"])


def _select(dataset: str, journal: str) -> tuple[str, ...] | None:
    """Delta leaves out what was never set: the journal must name what it would have asked for."""
    return collector(dataset).select if journal in ("users", "groups") else None


def comparable(dataset: str, objects: Objects) -> dict[str, Any]:
    """What both sides know; a property that was never set may be absent or null."""
    return {key: _shown(dataset, item) for key, item in objects.items()}


def _shown(dataset: str, item: Any) -> Any:
    spec = collector(dataset)
    if item is None or spec.parent is not None:
        return item is not None  # of an edge, only that it is there
    wanted = set(spec.select) or set(item) - {"principal"}
    return {
        name: value
        for name, value in item.items()
        if value is not None and name in wanted and not name.startswith("@")
    }


def check_history(held: Held, dataset: str) -> None:
    """Every version that was ever stored was true, in its time.

    It began no earlier than it became true, ended no earlier than it ceased to be, and versions of
    one object do not overlap. What a failed or partial read closed, or a crash doubled, shows here.
    """
    source = ENTITIES[dataset]
    chosen = _select(dataset, source.journal)
    told = held.admin.lives(source.journal, str(held.tenant_id), chosen)
    lives = {key: _spans(dataset, entries) for key, entries in told.items()}
    for key, since, until, shown in _stored_spans(held, dataset):
        assert any(
            state == shown and began <= since and ended <= until
            for began, ended, state in lives.get(key, ())
        ), (
            f"{dataset} {key}: {since} to {until} was never so: {shown}"
            f"\n{lives.get(key)}\n" + "\n".join(held.diary)
        )


def _stored_spans(held: Held, dataset: str) -> list[tuple[str, datetime, datetime, Any]]:
    """Id, from, to and state of the versions; those that differ in nothing the journal knows are one."""
    spans: list[tuple[str, datetime, datetime, Any]] = []
    for row in held.everything(dataset):
        span = (row.id, row.valid_from, row.valid_to or _FOREVER, _shown(dataset, row.raw))
        if spans and spans[-1][0] == row.id:
            _id, since, until, shown = spans[-1]
            assert until <= row.valid_from, f"{dataset} {row.id} has two versions at once"
            if (until, shown) == (span[1], span[3]):
                spans[-1] = (row.id, since, span[2], shown)
                continue
        spans.append(span)
    return spans


def _spans(dataset: str, entries: list[list[Any]]) -> list[tuple[datetime, datetime, Any]]:
    """From, to and state of each stretch of an object's life."""
    moments = [datetime.fromisoformat(wall) for wall, _state in entries]
    ends = [*moments[1:], _FOREVER]
    return [
        (since, ended, _shown(dataset, state))
        for since, ended, (_wall, state) in zip(moments, ends, entries, strict=True)
        if state is not None
    ]


def check_events(held: Held, dataset: str, told_before: Objects, since: datetime) -> None:
    """Every event that Graph told of before the collection is stored once, and nothing else is.

    `since` is when the first collection began: its window reaches back from there.
    """
    extent = Since.of(collector(dataset))
    stored = comparable(dataset, {row.id: row.raw for row in held.everything(dataset)})
    assert len(stored) == held.count(dataset), f"{dataset}: an event is there twice"
    told = truth(held, dataset)
    invented = [(event, told.get(key)) for key, event in stored.items() if told.get(key) != event]
    assert not invented, f"{dataset}: {len(invented)} invented, the first {invented[0]}"
    sure = since - extent.initial + _EDGE_OF_WINDOW
    needed = {
        key
        for key, event in told_before.items()
        if datetime.fromisoformat(event[extent.source]) >= sure
    }
    assert needed <= set(stored), f"{dataset}: an event is lost\n" + "\n".join(held.diary)


def check_ledger(held: Held, dataset: str) -> None:
    """What the ledger says was written and closed adds up to what is there."""
    columns = [func.sum(LEDGER.c[name]) for name in ("inserted", "updated", "closed")]
    query = select(*columns).where(LEDGER.c.subject == dataset)
    with tenant_session(held.engine, held.tenant_id) as connection:
        inserted, updated, closed = map(int, connection.execute(query).one())
    rows = held.everything(dataset)
    assert inserted + updated == len(rows), f"{dataset}: ledger and rows differ"
    if "valid_to" in rows[0]._fields:
        ended = sum(1 for row in rows if row.valid_to is not None)
        assert updated + closed == ended, f"{dataset}: ledger and closings differ"
