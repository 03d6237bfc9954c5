"""How often what decides who may do what has changed: the number that `known_access` goes by.

Whatever is looked up brings it along, by text: no request loads this file.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Table

from shared.store.schema.metadata import METADATA

ACCESS_VERSION = Table(
    "access_version",
    METADATA,
    # There is one row, from the first change on.
    Column("one", Boolean, primary_key=True),
    Column("version", BigInteger, nullable=False),
    # The transaction that counted last: however much it changes, it counts once.
    Column("counted_by", BigInteger, nullable=False),
    CheckConstraint("one", "access_version_one_check"),
)

# All that `find_key` and `standing_of` look at, but for when a key was used last.
COUNTED = ("api_keys", "memberships", "roles", "tenants", "tenant_addresses")

# The number is changed as the very last thing of a transaction: whoever changes it holds its row from
# there to the end of the commit, and waits for nothing meanwhile.
COUNTING = """
CREATE FUNCTION kanri.access_version() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(max(version), 0) FROM kanri.access_version $$;

CREATE FUNCTION kanri.count_access_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO kanri.access_version AS v (one, version, counted_by)
        VALUES (true, 1, pg_current_xact_id()::text::bigint)
        ON CONFLICT (one) DO UPDATE SET version = v.version + 1, counted_by = excluded.counted_by
            WHERE v.counted_by <> excluded.counted_by;
    RETURN NULL;
END $$;
"""

# For each of COUNTED.
COUNTED_BY = """
CREATE CONSTRAINT TRIGGER counted AFTER INSERT OR UPDATE OR DELETE ON kanri.{table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION kanri.count_access_change()
"""

UNCOUNTING = """
DROP FUNCTION kanri.access_version();
DROP FUNCTION kanri.count_access_change() CASCADE;
"""
