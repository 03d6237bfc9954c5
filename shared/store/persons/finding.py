"""Finds who a person is, and every row of every dataset that is his or names him."""
# ruff: noqa: S608  (names come from the catalogue and are quoted; values are parameters)

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Engine, text

from shared.core.collector import Collector, Column
from shared.core.person import Identity, Veil, leaves
from shared.store.schema.dataset_tables import SCHEMA, dataset_table
from shared.store.schema.predicates import known_since
from shared.store.session.sessions import cursor, tenant_session

_SECONDS = 120

_WHO = text("""
    SELECT id FROM data.users WHERE tenant_id = :tenant
        AND (id = :id OR user_principal_name_folded = :name OR mail_folded = :name)
""")
_NAMES = text("""
    SELECT id = ANY(:ids) AS his, valid_until = 'infinity' AS now, user_principal_name, mail,
        display_name
    FROM data.users t WHERE tenant_id = :tenant AND (id = ANY(:ids) OR EXISTS (
        SELECT FROM data.users o WHERE o.tenant_id = :tenant AND o.id = ANY(:ids) AND (
            o.display_name = t.display_name OR o.mail_folded = t.mail_folded
            OR o.user_principal_name_folded = t.user_principal_name_folded)))
""")

# A name of one word, as `Reception`, may stand for anything; kanji and kana are written without blanks.
_OF_WORDS = re.compile(r"\S\s+\S|[^\x00-\x7f]{4}")
# Rows that are looked at together; each time the whole dataset is gone through.
_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """What names somebody; `present` while the directory has his account, as it was read last."""

    identity: Identity
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row lies: after which the next page goes on."""

    id: str
    since: datetime
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A row that is `his`, with all its properties, or that names him, with those that do.

    It held from `since` (of an event: since it was told) to `until` (None: still). `day` is the report
    date of a measure.
    """

    dataset: str
    place: Place
    until: datetime | None
    his: bool
    properties: Mapping[str, object]


def who_is(engine: Engine, tenant_id: UUID, *, user_id: str = "", name: str = "") -> Person:
    """Return whom an id, or a sign-in name or address, names: all that ever named him in the directory.

    Somebody whom the directory never had is named by just that.
    """
    given = {"tenant": tenant_id, "id": user_id, "name": name.lower()}
    with tenant_session(engine, tenant_id) as connection:
        ids = set(connection.execute(_WHO, given).scalars())
        named = {"tenant": tenant_id, "ids": sorted(ids)}
        rows = connection.execute(_NAMES, named).all() if ids else []
    own, others = ([row for row in rows if row.his is his] for his in (True, False))
    theirs = {row.display_name for row in others}
    used = {one.lower() for row in others for one in _addresses(row)}
    names = {row.display_name for row in own if row.display_name}
    alone = {one for one in names if _OF_WORDS.search(one)} - theirs
    addresses = {one for row in own for one in _addresses(row) if one.lower() not in used}
    terms = {user_id, name, *ids, *addresses, *alone} - {""}
    identity = Identity(frozenset(terms), frozenset(names - alone))
    return Person(identity, any(row.now for row in own))


def _addresses(row: Any) -> list[str]:
    """The sign-in name and the address of a user, letter case as it is."""
    return [one for one in (row.user_principal_name, row.mail) if one]


def mentions(
    connection: Connection,
    tenant_id: UUID,
    collector: Collector,
    identity: Identity,
    veil: Veil,
    *,
    after: Place | None = None,
    limit: int | None = None,
) -> Iterator[Mention]:
    """Yield the rows of a dataset that are his or name him, by id and time; at most `limit`."""
    found, rows = 0, _by_chunks(connection, tenant_id, collector, identity, after)
    for row in rows:
        his, own = is_his(collector, row, veil), {one.source for one in owned(collector, row, veil)}
        properties = {
            name: value
            for name, value in _told(collector, row)
            if his or name in own or (isinstance(value, str) and veil.names(value))
        }
        if not properties:
            continue
        yield Mention(
            dataset=collector.dataset,
            place=place_of(row),
            until=row["valid_to"],
            his=his,
            properties=properties,
        )
        found += 1
        if found == limit:
            return


def place_of(row: Mapping[str, Any]) -> Place:
    """Return where a candidate lies."""
    return Place(id=row["id"], since=row["_since"], day=row.get("report_date"))


def _by_chunks(
    connection: Connection,
    tenant_id: UUID,
    collector: Collector,
    identity: Identity,
    after: Place | None,
) -> Iterator[dict[str, Any]]:
    while True:
        found = [*candidates(connection, tenant_id, collector, identity, after=after, limit=_CHUNK)]
        yield from found
        if len(found) < _CHUNK:
            return
        after = place_of(found[-1])


def candidates(
    connection: Connection,
    tenant_id: UUID,
    collector: Collector,
    identity: Identity,
    *,
    after: Place | None = None,
    since: datetime | None = None,
    limit: int | None = None,
    alone: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield rows that hold one of his names anywhere, by id and time, `_since`, `_table` and `_place` added.

    All versions of all times are looked at, at most `limit` returned: nothing of it has an index.
    `alone` keeps others from changing them until the end of the transaction.
    """
    known, day, listed = _columns(collector)
    place = f"(t.id, {known}, coalesce({day}, '-infinity'))"
    query = f"""
        SELECT {listed}, {known} AS _since, t.tableoid AS _table, t.ctid::text AS _place
        FROM {SCHEMA}."{collector.dataset}" t
        WHERE t.tenant_id = %(tenant)s AND lower(t::text) LIKE ANY(%(likes)s)
            AND (%(since)s::timestamptz IS NULL OR {known} >= %(since)s)
            AND (%(id)s::text IS NULL
                OR {place} > (%(id)s, %(at)s::timestamptz, coalesce(%(day)s::date, '-infinity')))
        ORDER BY t.id, {known}, {day} LIMIT %(limit)s {"FOR UPDATE OF t" if alone else ""}"""
    given = {
        "tenant": tenant_id,
        "likes": identity.likes,
        "since": since,
        "limit": limit,
        "id": None if after is None else after.id,
        "at": None if after is None else after.since,
        "day": None if after is None else after.day,
    }
    connection.execute(text(f"SET LOCAL statement_timeout = '{_SECONDS}s'"))
    with cursor(connection).connection.cursor(row_factory=dict_row) as rows:
        set_json_loads(msgspec.json.decode, rows)
        yield from rows.execute(query.encode(), given)


def _columns(collector: Collector) -> tuple[str, str, str]:
    """When a row was known, its report date, and all that is stored of it, as SQL."""
    # What is computed says nothing of its own, and an end that never comes is no date of Python's.
    stored = (column for column in dataset_table(collector).columns if column.computed is None)
    listed = ", ".join(f't."{column.name}"' for column in stored)
    day = "t.report_date" if collector.shape == "measure" else "NULL::date"
    return f't."{known_since(collector)}"', day, listed


def count_mentions(
    connection: Connection, tenant_id: UUID, collector: Collector, identity: Identity
) -> int:
    """Return how many rows are his or name him."""
    names = Veil(identity, "")  # looks, and veils nothing: it needs no key
    return sum(1 for _ in mentions(connection, tenant_id, collector, identity, names))


def is_present(connection: Connection, tenant_id: UUID, identity: Identity) -> bool:
    """Tell whether the directory has an account with one of his ids, names or addresses."""
    own = """t.tenant_id = :tenant AND t.valid_until = 'infinity' AND (t.id = ANY(:terms)
        OR t.user_principal_name_folded = ANY(:folded) OR t.mail_folded = ANY(:folded))"""
    terms = sorted(identity.terms)
    given = {"tenant": tenant_id, "terms": terms, "folded": [term.lower() for term in terms]}
    found = connection.execute(text(f"SELECT FROM data.users t WHERE {own} LIMIT 1"), given)
    return found.first() is not None


def is_his(collector: Collector, row: Mapping[str, Any], veil: Veil) -> bool:
    """Tell whether the row's person is he."""
    return any(veil.names(row[name]) for name in collector.person)


def owned(collector: Collector, row: Mapping[str, Any], veil: Veil) -> list[Column]:
    """Return the personal columns of a row that are about him, as the collector declares whose they are."""
    his = is_his(collector, row, veil)
    found = []
    for column in collector.columns:
        if not column.personal or column.whose in ("itself", "anybody"):
            continue
        if his if column.whose == "" else veil.names(row[column.whose]):
            found.append(column)
    return found


def _told(collector: Collector, row: Mapping[str, Any]) -> Iterable[tuple[str, object]]:
    """What Graph told of the object, by path, and what of its parents."""
    yield from leaves(row["raw"])
    for column in collector.columns:
        if column.source.startswith("{"):
            yield column.name, row[column.name]
    for name in ("id", "parent_id"):
        if name in row:
            yield name, row[name]
