"""The rules of the database for audit events: it chains them itself, and lets nobody change one.

How the old ones leave is told in leaving.py.

Number, previous digest and digest are the database's to say, whatever an INSERT gives: a chain does
not hang on the honesty of who writes. Events of a chain are appended one after another, under a lock
that is taken as the event is stored (the last statement of its transaction) and ends with it. That
is stronger than sealing events later: there is no time in which one stands outside the chain.

The canonical form is told in core/audit.py; a test compares both.
"""

CHAIN = """
CREATE FUNCTION kanri.chain_audit_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kanri.audit.' || NEW.tenant_id, 0));
    SELECT e.seq, e.hash INTO last FROM kanri.audit_events e
        WHERE e.tenant_id = NEW.tenant_id ORDER BY e.seq DESC LIMIT 1;
    NEW.seq := coalesce(last.seq, 0) + 1;
    NEW.previous := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := sha256(NEW.previous || convert_to((
        SELECT string_agg(
            CASE WHEN value IS NULL THEN '-'
                ELSE octet_length(convert_to(value, 'UTF8')) || ':' || value END, ',' ORDER BY place)
        FROM unnest(ARRAY[
            NEW.tenant_id::text, NEW.seq::text,
            to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            NEW.act, NEW.result, NEW.caller, NEW.authority, NEW.address, NEW.target,
            NEW.request_id, NEW.times::text, NEW.before, NEW.after
        ]) WITH ORDINALITY AS field (value, place)), 'UTF8'));
    RETURN NEW;
END $$;

CREATE TRIGGER chained BEFORE INSERT ON kanri.audit_events
    FOR EACH ROW EXECUTE FUNCTION kanri.chain_audit_event();

CREATE FUNCTION kanri.refuse_audit_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'audit events are only ever added' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON kanri.audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION kanri.refuse_audit_change();
"""

UNCHAIN = """
DROP FUNCTION kanri.chain_audit_event() CASCADE;
DROP FUNCTION kanri.refuse_audit_change() CASCADE;
"""
