"""Tells everything that is stored about a person, some rows at a time, and notes that it was told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.masking import key_of
from shared.core.person import Identity, Veil, pseudonym
from shared.core.registry import collector, kept

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.persons.finding import Mention, Person, Place
    from shared.store.persons.registers import Record

# Rows of one answer: some megabytes of JSON at worst.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Onward:
    """Where the next page goes on: in which dataset, after which row."""

    request_id: UUID
    dataset: str
    after: "Place"


@dataclass(frozen=True, slots=True)
class Export:
    """One page: rows of datasets; with the last page, what our own registers and audit log hold."""

    request_id: UUID
    pseudonym: str
    identity: Identity
    present: bool
    mentions: "Sequence[Mention]"
    records: "Sequence[Record]"
    onward: Onward | None


def found_person(
    engine: "Engine", tenant_id: UUID, user_id: str, name: str, secret: bytes
) -> "tuple[Person, Veil, str]":
    """Return who it is, his veil, and his pseudonym: that of his id, else of what names him here."""
    from shared.store.persons.finding import who_is

    person, key = who_is(engine, tenant_id, user_id=user_id, name=name), key_of(secret, tenant_id)
    return person, Veil(person.identity, key), pseudonym(key, user_id or name)


def export_person(
    engine: "Engine",
    tenant_id: UUID,
    found: "tuple[Person, Veil, str]",
    by: str,
    now: datetime,
    onward: Onward | None = None,
    page: int = PAGE,
) -> Export:
    """Return the page of `page` rows after `onward`, the first without. Every page is noted, and so audited."""
    from shared.store.persons.registers import records_about
    from shared.store.persons.requests import PersonRequests

    person, veil, named = found
    requests = PersonRequests(engine, tenant_id)
    request_id = (
        requests.ask("export", named, by, now).request_id if onward is None else onward.request_id
    )
    shown = _page(engine, tenant_id, found, onward, page)
    further = None
    if len(shown) == page:
        further = Onward(request_id, shown[-1].dataset, shown[-1].place)
    records = [] if further else records_about(engine, tenant_id, person.identity, veil)
    requests.read_on(request_id, Counter(one.dataset for one in shown))
    return Export(request_id, named, person.identity, person.present, shown, records, further)


def _page(
    engine: "Engine",
    tenant_id: UUID,
    found: "tuple[Person, Veil, str]",
    onward: Onward | None,
    page: int,
) -> "list[Mention]":
    from shared.store.persons.finding import mentions
    from shared.store.session.sessions import tenant_session

    shown: list[Mention] = []
    with tenant_session(engine, tenant_id) as connection:
        for name in kept():
            if onward is not None and name < onward.dataset:
                continue
            after = onward.after if onward is not None and onward.dataset == name else None
            given = (connection, tenant_id, collector(name), found[0].identity, found[1])
            shown += mentions(*given, after=after, limit=page - len(shown))
            if len(shown) == page:
                break
    return shown


def written_place(onward: Onward) -> list[object]:
    """Return where to go on as a cursor keeps it."""
    after = onward.after
    place = (after.id, after.since.isoformat(), after.day)
    return [str(onward.request_id), onward.dataset, *place]


def read_place(written: Sequence[object]) -> Onward:
    """Return what `written_place` wrote."""
    from shared.store.persons.finding import Place

    request_id, dataset, *place = map(str, written)
    own, since, day = place
    after = Place(
        id=own,
        since=datetime.fromisoformat(since),
        day=None if day == "None" else date.fromisoformat(day),
    )
    return Onward(UUID(request_id), dataset, after)
