"""Which extensions of PostgreSQL this database has: what they offer is not there on every server."""

from sqlalchemy import Connection, text

_FOUND = text("""
    SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = :name
""")


def schema_of(connection: Connection, extension: str) -> str | None:
    """Return the schema, quoted for SQL, that an extension's objects are in; None if it is not there."""
    found: str | None = connection.execute(_FOUND, {"name": extension}).scalar_one_or_none()
    return found
