"""How audit events leave the database: whole ranges of a chain from its oldest on, once they are in a file.

Nobody may delete an event, but this one function of the database: it deletes a range that goes on
where the last one ended, is complete, is old, and has its file noted in the same transaction. The
trigger that refuses deletions looks at that note, not at who deletes. The last event of a chain stays,
for the next one follows from it. That the file is there and can be read is proved before
(usecases/archive_audit.py); the database cannot see it, so it gives up nothing younger than 90 days,
and whoever verifies misses a file that is not there.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Engine, LargeBinary, Table, Text, Uuid

from shared.core.audit import NOTHING_BEFORE
from shared.core.audit_proof import Head
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import ask_as_tenant

# Which events of a chain are in which file. Only ever added to, as the events are.
AUDIT_FILES = Table(
    "audit_files",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the sealed file
    Column("archived_at", INSTANT, nullable=False),
)

LEAVING = """
CREATE FUNCTION kanri.release_audit_events(
    chain uuid, first_number bigint, last_number bigint, last_digest bytea,
    file_name text, file_digest bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kanri.audit.' || chain, 0));
    IF EXISTS (
        SELECT FROM kanri.audit_files f WHERE f.tenant_id = chain
            AND f.first_seq = first_number AND f.last_seq = last_number AND f.digest = file_digest
    ) THEN
        RETURN;
    END IF;
    IF coalesce(file_name, '') = '' OR octet_length(file_digest) IS DISTINCT FROM 32
        OR first_number IS DISTINCT FROM (
            SELECT coalesce(max(f.last_seq), 0) + 1 FROM kanri.audit_files f
            WHERE f.tenant_id = chain)
        OR last_number - first_number + 1 IS DISTINCT FROM (
            SELECT count(*) FROM kanri.audit_events e
            WHERE e.tenant_id = chain AND e.seq BETWEEN first_number AND last_number)
        OR last_digest IS DISTINCT FROM (
            SELECT e.hash FROM kanri.audit_events e
            WHERE e.tenant_id = chain AND e.seq = last_number)
        OR NOT EXISTS (
            SELECT FROM kanri.audit_events e WHERE e.tenant_id = chain AND e.seq > last_number)
        OR EXISTS (
            SELECT FROM kanri.audit_events e WHERE e.tenant_id = chain
                AND e.seq BETWEEN first_number AND last_number
                AND e.at > statement_timestamp() - interval '90 days')
    THEN
        RAISE EXCEPTION 'these audit events may not leave'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO kanri.audit_files
        (tenant_id, first_seq, last_seq, last_hash, name, digest, archived_at)
    VALUES (chain, first_number, last_number, last_digest, file_name, file_digest,
        statement_timestamp());
    DELETE FROM kanri.audit_events e
        WHERE e.tenant_id = chain AND e.seq BETWEEN first_number AND last_number;
END $$;

CREATE FUNCTION kanri.refuse_unarchived() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM kanri.audit_files f WHERE f.tenant_id = OLD.tenant_id
            AND OLD.seq BETWEEN f.first_seq AND f.last_seq
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit events are only ever added' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER leaves_archived BEFORE DELETE ON kanri.audit_events
    FOR EACH ROW EXECUTE FUNCTION kanri.refuse_unarchived();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kanri.audit_files
    FOR EACH STATEMENT EXECUTE FUNCTION kanri.refuse_audit_change();

REVOKE ALL ON FUNCTION kanri.release_audit_events(uuid, bigint, bigint, bytea, text, bytea)
    FROM PUBLIC;
"""

STAYING = """
DROP FUNCTION kanri.release_audit_events(uuid, bigint, bigint, bytea, text, bytea);
DROP FUNCTION kanri.refuse_unarchived() CASCADE;
"""

# The events of the oldest event's month (UTC), if that month ended before the instant, at most so many,
# and never the last of the chain. The database's own time counts too: it gives up nothing young.
_NEXT = """
    SELECT oldest.seq AS first, oldest.at AS first_at,
        least(head.seq, later.seq, oldest.seq + %(most)s) - 1 AS last, before.last_hash
    FROM (
        SELECT e.seq, e.at, date_trunc('month', e.at) + interval '1 month' AS month_end
        FROM kanri.audit_events e WHERE e.tenant_id = %(tenant)s ORDER BY e.seq LIMIT 1
    ) AS oldest
    CROSS JOIN LATERAL (
        SELECT e.seq FROM kanri.audit_events e
        WHERE e.tenant_id = %(tenant)s ORDER BY e.seq DESC LIMIT 1
    ) AS head
    LEFT JOIN LATERAL (
        SELECT e.seq FROM kanri.audit_events e
        WHERE e.tenant_id = %(tenant)s AND e.at >= oldest.month_end ORDER BY e.seq LIMIT 1
    ) AS later ON true
    LEFT JOIN LATERAL (
        SELECT f.last_hash FROM kanri.audit_files f
        WHERE f.tenant_id = %(tenant)s ORDER BY f.first_seq DESC LIMIT 1
    ) AS before ON true
    WHERE oldest.month_end <= least(%(before)s, statement_timestamp() - interval '90 days')
        AND oldest.seq < head.seq
"""

_RELEASE = """
    SELECT kanri.release_audit_events(
        %(tenant)s, %(first)s, %(last)s, %(hash)s, %(name)s, %(digest)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The events of a chain that leave next: after `before`, up to number `last`.

    `first_at` is when the first of them was told.
    """

    before: Head
    last: int
    first_at: datetime


def next_to_leave(engine: Engine, tenant_id: UUID, before: datetime, most: int) -> "Leaving | None":
    """Return which events of the chain leave next: of one month that ended by `before`, at most `most`."""
    for row in ask_as_tenant(engine, tenant_id, _NEXT, {"before": before, "most": most}):
        previous = NOTHING_BEFORE if row.last_hash is None else bytes(row.last_hash)
        head = Head(tenant_id, row.first - 1, previous)
        return Leaving(before=head, last=row.last, first_at=row.first_at)
    return None


def release(engine: Engine, head: Head, first: int, name: str, digest: bytes) -> None:
    """Delete the events `first` to `head`, which lie in the file `name` with SHA-256 `digest`.

    The database refuses (psycopg's InsufficientPrivilege) what is not the oldest, not complete, or
    young. Repeatable.
    """
    values = {"first": first, "last": head.seq, "hash": head.hash, "name": name, "digest": digest}
    ask_as_tenant(engine, head.tenant_id, _RELEASE, values)
