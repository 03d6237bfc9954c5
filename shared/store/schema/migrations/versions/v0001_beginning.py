"""The beginning: schemas, the fixed tables, and the functions that run as the owner.

Tables are made as they are declared now, not as they were declared once; what a declaration gets
more is added without a version (`schema.fixed_tables`). A later version is for what is no addition,
and changes what it finds: on a new database it finds the newest tables.
"""

from alembic import op

from shared.store.audit.chain import CHAIN, UNCHAIN
from shared.store.audit.leaving import LEAVING, STAYING
from shared.store.registers.access_version import COUNTED, COUNTED_BY, COUNTING, UNCOUNTING
from shared.store.schema.fixed_tables import fixed_tables, make_fixed_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Makes the monthly partitions of an event table ahead of their rows. It runs as the owner because
# the application role may not create tables; it can only ever add a partition of a known table.
# ATTACH takes a weaker lock on the parent than CREATE .. PARTITION OF would. Months that already
# have rows in the default partition (a clock far off) stay there.
_PARTITIONS = """
CREATE FUNCTION kanri.ensure_partitions(dataset text, months date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
    parent oid := to_regclass(format('data.%I', dataset));
    month date;
    partition text;
    sampled record;
    made integer := 0;
BEGIN
    IF parent IS NULL OR NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = parent) THEN
        RAISE EXCEPTION 'no event table %', dataset USING ERRCODE = 'undefined_table';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('kanri.partitions.' || dataset, 0));
    FOREACH month IN ARRAY months LOOP
        month := date_trunc('month', month)::date;
        partition := format('%s_%s', dataset, to_char(month, 'YYYY_MM'));
        CONTINUE WHEN to_regclass(format('data_parts.%I', partition)) IS NOT NULL;
        CONTINUE WHEN month < now() - interval '10 years' OR month > now() + interval '6 months';
        BEGIN
            EXECUTE format('CREATE TABLE data_parts.%I (LIKE data.%I INCLUDING DEFAULTS'
                ' INCLUDING GENERATED)',
                partition, dataset);
            -- What ANALYZE samples of a column is copied by no form of LIKE.
            FOR sampled IN SELECT a.attname AS name, a.attstattarget AS target FROM pg_attribute a
                WHERE a.attrelid = parent AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attstattarget >= 0
            LOOP
                EXECUTE format('ALTER TABLE data_parts.%I ALTER COLUMN %I SET STATISTICS %s',
                    partition, sampled.name, sampled.target);
            END LOOP;
            EXECUTE format(
                'ALTER TABLE data.%I ATTACH PARTITION data_parts.%I FOR VALUES FROM (%L) TO (%L)',
                dataset, partition, month::timestamptz, (month + interval '1 month')::timestamptz);
            made := made + 1;
        EXCEPTION WHEN check_violation THEN
            NULL;
        END;
    END LOOP;
    RETURN made;
END $$
"""

# Substring search below a policy: ILIKE is not leakproof, so under the policy it would lose its
# index. This runs as the owner, pinned to the session's tenant, and answers ids only.
_SEARCH = """
CREATE FUNCTION kanri.search_current(dataset text, searched text, pattern text)
RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT id::text FROM data.%I WHERE valid_until = ''infinity'' AND tenant_id = $1'
        ' AND %I COLLATE "default" ILIKE $2', dataset, searched)
    USING nullif(current_setting('kanri.tenant_id', true), '')::uuid, pattern;
END $$
"""

# Statistics that know a tenant which has just got its first rows. Until then the planner takes it for
# a tenant of one row, and a report's joins may walk through the whole tenant once per row. (Loading
# leaves the planner no choice: see merge_statements.) Autovacuum would come a minute too late, and
# for a small tenant among large ones not at all. ANALYZE is the owner's to run; who finds another
# one at it leaves it to him.
_STATISTICS = """
CREATE FUNCTION kanri.refresh_statistics(dataset text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_class WHERE oid = to_regclass(format('data.%I', dataset)) AND relkind = 'r'
    ) THEN
        EXECUTE format('ANALYZE data.%I', dataset);
    END IF;
EXCEPTION WHEN lock_not_available THEN
    NULL;
END $$
"""


# How much of a table's pages is empty. Who may call pgstattuple's functions may read no row by them, but
# they are only for who sees all statistics, and that would show other roles' statements too. Without the
# extension the answer is no row.
_ROOM = """
CREATE FUNCTION kanri.table_room(relation oid) RETURNS TABLE (free_share float8)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    place text := (
        SELECT quote_ident(n.nspname) FROM pg_extension e
        JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgstattuple');
BEGIN
    IF place IS NOT NULL AND EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = relation AND c.relkind = 'r' AND n.nspname IN ('kanri', 'data', 'data_parts')
    ) THEN
        RETURN QUERY EXECUTE format(
            'SELECT approx_free_percent / 100 FROM %s.pgstattuple_approx($1::regclass)', place)
        USING relation;
    END IF;
END $$
"""


# The tenant whose reports the session may read. It goes by who signed in, which no SET changes.
_READER = """
CREATE FUNCTION kanri.reader_tenant() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT tenant_id FROM kanri.readers JOIN kanri.tenants USING (tenant_id)
    WHERE role_name = session_user AND state <> 'removed'
$$
"""


def upgrade() -> None:
    """Create schemas, fixed tables and functions."""
    op.execute("CREATE SCHEMA data; CREATE SCHEMA data_parts; CREATE SCHEMA reporting")
    make_fixed_tables(op.get_bind())
    op.execute(_PARTITIONS)
    op.execute(_SEARCH)
    op.execute(_STATISTICS)
    op.execute(_ROOM)
    op.execute(_READER)
    op.execute(CHAIN)
    op.execute(LEAVING)
    op.execute(COUNTING)
    for table in COUNTED:
        op.execute(COUNTED_BY.format(table=table))
    op.execute("REVOKE ALL ON FUNCTION kanri.ensure_partitions(text, date[]) FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.search_current(text, text, text) FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.refresh_statistics(text) FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.table_room(oid) FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.reader_tenant() FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.chain_audit_event() FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.access_version() FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION kanri.count_access_change() FROM PUBLIC")


def downgrade() -> None:
    """Drop everything; there is no older version to go back to."""
    op.execute("DROP SCHEMA reporting CASCADE; DROP SCHEMA data CASCADE")
    op.execute("DROP SCHEMA data_parts CASCADE")
    op.execute("DROP FUNCTION kanri.ensure_partitions(text, date[])")
    op.execute("DROP FUNCTION kanri.search_current(text, text, text)")
    op.execute("DROP FUNCTION kanri.refresh_statistics(text)")
    op.execute("DROP FUNCTION kanri.table_room(oid)")
    op.execute("DROP FUNCTION kanri.reader_tenant()")
    op.execute(STAYING)
    op.execute(UNCHAIN)
    op.execute(UNCOUNTING)
    for table in fixed_tables():
        op.execute(f"DROP TABLE {table.fullname}")
