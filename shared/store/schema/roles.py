"""The roles: the application's, below the policies, and one that reads reporting views and no more."""

from psycopg import sql
from sqlalchemy import Connection

from shared.store.session.sessions import cursor


def ensure_roles(
    connection: Connection, app_role: str, app_password: str | None, reader_role: str
) -> None:
    """Create the two roles if missing and set the password of the application's if one is given."""
    with cursor(connection) as query:
        names = [app_role, reader_role]
        query.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [names])
        existing = {name for (name,) in query.fetchall()}
        if app_role not in existing:
            query.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(app_role)))
        if reader_role not in existing:
            query.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(reader_role)))
        if app_password is not None:
            # The server's log may hold the statement: it gets the verifier, not the password.
            verifier = query.connection.pgconn.encrypt_password(
                app_password.encode(), app_role.encode(), b"scram-sha-256"
            )
            change = sql.SQL("ALTER ROLE {} PASSWORD {}")
            role = sql.Identifier(app_role)
            query.execute(change.format(role, sql.Literal(verifier.decode())))


# DDL is left out on purpose: the application can neither change a table nor read a partition.
_APPLICATION = """
GRANT USAGE ON SCHEMA kanri, data TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA kanri, data TO {role};
REVOKE INSERT, UPDATE, DELETE ON kanri.schema_version FROM {role};
REVOKE INSERT, UPDATE ON kanri.readers FROM {role};
REVOKE UPDATE, DELETE ON kanri.audit_events FROM {role};
REVOKE INSERT, UPDATE, DELETE ON kanri.audit_files FROM {role};
REVOKE INSERT, UPDATE, DELETE ON kanri.access_version FROM {role};
GRANT EXECUTE ON FUNCTION
    kanri.release_audit_events(uuid, bigint, bigint, bytea, text, bytea) TO {role};
GRANT EXECUTE ON FUNCTION kanri.access_version() TO {role};
GRANT EXECUTE ON FUNCTION kanri.ensure_partitions(text, date[]) TO {role};
GRANT EXECUTE ON FUNCTION kanri.search_current(text, text, text) TO {role};
GRANT EXECUTE ON FUNCTION kanri.refresh_statistics(text) TO {role};
GRANT EXECUTE ON FUNCTION kanri.table_room(oid) TO {role};
"""

# VACUUM and ANALYZE, which no function can do for the application. Only of tables in which it may change
# and delete every row anyway, so that there is nothing that it could now hold up and could not before:
# the audit log and the partitions are left to autovacuum. Servers before 17 know no such right.
# https://www.postgresql.org/docs/current/ddl-priv.html
_UPKEEP_SINCE = 17
_UPKEEP = """
GRANT MAINTAIN ON ALL TABLES IN SCHEMA kanri, data TO {role};
REVOKE MAINTAIN ON kanri.schema_version, kanri.access_version, kanri.readers, kanri.audit_events,
    kanri.audit_files FROM {role};
"""

# A dataset's table holds whole objects of Graph, and its policy believes a setting of the session.
_READER = """
REVOKE ALL ON ALL TABLES IN SCHEMA data FROM {role};
REVOKE ALL ON SCHEMA data FROM {role};
GRANT USAGE ON SCHEMA reporting TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO {role};
GRANT EXECUTE ON FUNCTION kanri.reader_tenant() TO {role};
"""


def grant(connection: Connection, app_role: str, reader_role: str) -> None:
    """Give both roles what they need on everything that exists now."""
    database = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
    with cursor(connection) as query:
        query.execute("SELECT current_database()")
        (name,) = query.fetchone() or ("",)
        app = sql.Identifier(app_role)
        query.execute(database.format(sql.Identifier(str(name)), app))
        query.execute(sql.SQL(_APPLICATION).format(role=app))
        if query.connection.info.server_version // 10_000 >= _UPKEEP_SINCE:
            query.execute(sql.SQL(_UPKEEP).format(role=app))
        query.execute(sql.SQL(_READER).format(role=sql.Identifier(reader_role)))
