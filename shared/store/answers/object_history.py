"""The history of one object: its versions as somebody sees them, newest first, each beside the one before.

Versions that look the same to him are one. What is withheld from him therefore makes no version either:
when a hidden date changed is as hidden as the date.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg.types.json import set_json_loads

from shared.core.collector import Collector
from shared.core.coverage import Standing
from shared.store.answers import coverage_queries
from shared.store.answers.giving_up import given_up
from shared.store.answers.masked_columns import MASK_KEY
from shared.store.answers.version_statements import (
    AFTER,
    AFTER_DAY,
    DATASET,
    LIMIT,
    OBJECT,
    TENANT,
    version_sql,
)
from shared.store.schema.dataset_tables import dataset_table
from shared.store.session.sessions import Session

_SECONDS = 10
TIMEOUT = f"{_SECONDS}s"


class Place(Struct, frozen=True):
    """Where a version stands: its report date (None but for a measure), and since when it held."""

    day: date | None
    since: datetime


class SeenVersion(Struct, frozen=True, kw_only=True):
    """A version as it is seen: `values` of the dataset's columns, and all that Graph told (`raw`).

    It held from `since` to `until` (None: it still does); `last_seen_at` is the last time that it was
    told within that. `former_until` is when the version before it ended and `next_since` when the one
    after it began, of a measure on the same day; None if there is none. `raw` is None for who may not see
    it. Of the object, the same in each version: `first_since`, `last_until` (None: it is there) and
    `object_seen_at`, the last time that it was told of.
    """

    day: date | None
    since: datetime
    until: datetime | None
    former_until: datetime | None
    next_since: datetime | None
    first_since: datetime
    last_until: datetime | None
    last_seen_at: datetime
    object_seen_at: datetime
    values: tuple[object, ...]
    raw: Any

    @property
    def place(self) -> Place:
        """Where the page after it begins."""
        return Place(self.day, self.since)


class ObjectHistory:
    """The versions of one object in one dataset, from a snapshot that is open for its tenant.

    `mask_key` is the key of the tenant's pseudonyms for whoever may not see personal data, else None.
    """

    def __init__(
        self, session: Session, tenant_id: UUID, collector: Collector, mask_key: str | None
    ) -> None:
        self._session, self._tenant_id = session, tenant_id
        self._collector, self._mask_key = collector, mask_key

    def standing(self) -> Standing:
        """Return how the tenant and the dataset stand now."""
        name = self._collector.dataset
        return coverage_queries.standing(self._session, self._tenant_id, [name], None)

    def versions(self, object_id: str, most: int, after: Place | None) -> Sequence[SeenVersion]:
        """Return the newest versions, or those before the place `after`; StoreUnavailable if that takes too long."""
        statement = version_sql(
            dataset_table(self._collector),
            self._collector,
            masked=self._mask_key is not None,
            onward=after is not None,
        )
        values = {
            TENANT: self._tenant_id,
            OBJECT: object_id,
            DATASET: self._collector.dataset,
            MASK_KEY: self._mask_key,
            AFTER_DAY: date.min if after is None else after.day or date.min,
            AFTER: None if after is None else after.since,
            LIMIT: most,
        }
        asking = psycopg.RawCursor(self._session)
        with given_up("question_slow", _SECONDS), asking as query:
            set_json_loads(msgspec.json.decode, query)
            query.execute(statement.sql.encode(), statement.arguments(values), binary=True)
            return [_version(row) for row in query.fetchall()]


def _version(row: tuple[Any, ...]) -> SeenVersion:
    day, since, until, former, following, first, end, last, seen, raw, *values = row
    return SeenVersion(
        day=day,
        since=since,
        until=until,
        former_until=former,
        next_since=following,
        first_since=first,
        last_until=end,
        last_seen_at=last,
        object_seen_at=seen,
        values=tuple(values),
        raw=raw,
    )
