"""The objects below which is read, and where reading below each of them goes on."""
# ruff: noqa: S608

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy import Column, Engine, Table, Text, Uuid

from shared.core.collector import COLLECTORS, Collector
from shared.core.registry import of
from shared.core.rows import Parent
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.schema.metadata import METADATA
from shared.store.schema.predicates import by_key, by_value, known_since
from shared.store.session.sessions import cursor, tenant_session

# The link to what changed below one parent, and the fingerprint of the question it was made for.
PARENT_LINKS = Table(
    "parent_links",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("parent_id", Text, primary_key=True),
    Column("asked", Text, nullable=False),
    Column("link", Text, nullable=False),
)

_SAVE = """
    INSERT INTO kanri.parent_links (tenant_id, dataset, parent_id, asked, link)
    SELECT %(tenant)s, %(dataset)s, parent_id, %(asked)s, link
    FROM unnest(%(parents)s::text[], %(links)s::text[]) AS i (parent_id, link)
    ON CONFLICT (tenant_id, dataset, parent_id)
    DO UPDATE SET asked = excluded.asked, link = excluded.link
"""


@dataclass(frozen=True, slots=True)
class Links:
    """Where to go on below parents, by their ids, and the fingerprint of the question."""

    asked: str
    by_parent: Mapping[str, str]


class Parents:
    """The current objects below which `collector` is read. `asked` is its fingerprint."""

    def __init__(self, engine: Engine, collector: Collector, asked: str) -> None:
        self._engine = engine
        self._given: dict[str, object] = {"dataset": collector.dataset, "asked": asked}
        columns = "".join(f', t."{name}"::text' for name in collector.of_parent)
        self._names = collector.of_parent
        above = of(COLLECTORS).get(collector.parent or "")
        told = None if above is None else above.told_at
        self._changed, self._of_age = f't."{told or known_since(above)}"', ""
        if collector.extent.ages is not None and above is not None:
            happened, (least, most) = f't."{above.event_time}"', collector.extent.ages
            self._given |= {"least": least, "most": most}
            # An event is news to us when it has come of age.
            self._changed = f"greatest({self._changed}, {happened} + %(least)s)"
            self._of_age = f" AND {happened} BETWEEN %(at)s - %(most)s AND %(at)s - %(least)s"
        self._own = by_key(collector)
        current = f"t.valid_until = 'infinity' AND {by_key(above)}"
        wanted = _wanted(collector)
        self._select = f"""
            SELECT t.id, (
                SELECT l.link FROM kanri.parent_links l
                WHERE l.tenant_id = %(tenant)s AND l.dataset = %(dataset)s
                    AND l.parent_id = t.id AND l.asked = %(asked)s
            ){columns}
            FROM {SCHEMA}."{collector.parent}" t
            WHERE t.tenant_id = %(tenant)s AND {current} AND {wanted}"""

    def following(
        self, tenant_id: UUID, after: str | None, limit: int, since: datetime | None, at: datetime
    ) -> list[Parent]:
        """Return up to `limit` above the id `after`, in id order; with `since` those that changed.
        How old an event is counts `at` an instant."""
        changed = "" if since is None else f" AND {self._changed} >= %(since)s"
        which = f"{self._select}{self._of_age} AND t.id > %(after)s{changed}"
        given = {"after": after or "", "limit": limit, "since": since, "at": at}
        return self._read(tenant_id, f"{which} ORDER BY t.id LIMIT %(limit)s", **given)

    def count(self, tenant_id: UUID, at: datetime) -> int:
        """Return how many there are; how old an event is counts `at` an instant."""
        statement = f"SELECT count(*) FROM ({self._select}{self._of_age}) AS parents"
        with tenant_session(self._engine, tenant_id) as connection, cursor(connection) as query:
            given = {**self._given, "tenant": tenant_id, "at": at}
            query.execute(statement.encode(), given, prepare=False)
            [(found,)] = query.fetchall()
        return int(str(found))

    def with_rows(self, tenant_id: UUID, ids: Sequence[str]) -> set[str]:
        """Return those of these ids below which there are current rows."""
        statement = f"""
            SELECT DISTINCT t.parent_id FROM {SCHEMA}."{self._given["dataset"]}" t
            WHERE t.tenant_id = %(tenant)s AND t.valid_until = 'infinity' AND {self._own}
                AND t.parent_id = ANY(%(ids)s)"""
        with tenant_session(self._engine, tenant_id) as connection, cursor(connection) as query:
            given = {**self._given, "tenant": tenant_id, "ids": list(ids)}
            query.execute(statement.encode(), given, prepare=False)
            return {str(own) for (own,) in query.fetchall()}

    def named(self, tenant_id: UUID, ids: Sequence[str]) -> list[Parent]:
        """Return those with these ids that are still current, in id order."""
        statement = f"{self._select} AND t.id = ANY(%(ids)s) ORDER BY t.id"
        return self._read(tenant_id, statement, ids=list(ids))

    def _read(self, tenant_id: UUID, statement: str, **given: object) -> list[Parent]:
        values = {**self._given, "tenant": tenant_id, **given}
        with tenant_session(self._engine, tenant_id) as connection, cursor(connection) as query:
            query.execute(statement.encode(), values, prepare=False)
            found = query.fetchall()
        return [
            Parent(
                str(own),
                {
                    name: None if value is None else str(value)
                    for name, value in zip(self._names, told, strict=True)
                },
                None if link is None else str(link),
            )
            for own, link, *told in found
        ]


def _wanted(collector: Collector) -> str:
    """Return which parents are read below, in SQL; see `Below`."""
    where = collector.extent.where
    if where is None:
        return "true"
    if collector.keep.closes:
        return f"({where})"
    return f"""({where} OR EXISTS (
                SELECT FROM {SCHEMA}."{collector.dataset}" c
                WHERE c.tenant_id = %(tenant)s AND {by_value(collector, "c")}
                    AND c.parent_id = t.id))"""


def save_links(
    held: psycopg.Cursor[tuple[object, ...]], names: Mapping[str, object], links: Links
) -> None:
    """Save where to go on below parents, in the transaction of what was read there."""
    told = {"parents": list(links.by_parent), "links": list(links.by_parent.values())}
    held.execute(_SAVE, {**names, **told, "asked": links.asked})


def forget_links(
    held: psycopg.Cursor[tuple[object, ...]], tenant_id: UUID, dataset: str, parent: str
) -> None:
    """Forget where to go on below what is no parent any more: should it come back, all is read.

    `parent` is a subquery that has a row for a parent with the id `t.parent_id`.
    """
    statement = f"""
        DELETE FROM kanri.parent_links t
        WHERE t.tenant_id = %(tenant)b AND t.dataset = %(dataset)b AND NOT EXISTS ({parent})"""
    given = {"tenant": tenant_id, "dataset": dataset}
    held.execute(statement.encode(), given, prepare=False)
