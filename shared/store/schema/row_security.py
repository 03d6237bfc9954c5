"""Row-level security: which rows a session sees and writes, as one policy a table."""

from sqlalchemy import Connection, Table, text

OF_THE_TENANT = "tenant_id = (SELECT nullif(current_setting('kanri.tenant_id', true), '')::uuid)"
OF_THE_OPERATOR = "(SELECT current_setting('kanri.scope', true)) = 'operator'"


def protect(connection: Connection, table: Table, rule: str) -> None:
    """Switch row-level security on; the policy is written once."""
    name = f'{table.schema}."{table.name}"'
    connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
    exists = connection.execute(
        text("SELECT 1 FROM pg_policy WHERE polrelid = CAST(:name AS regclass)"), {"name": name}
    )
    if exists.first() is None:
        connection.execute(
            text(f"CREATE POLICY visible ON {name} USING ({rule}) WITH CHECK ({rule})")
        )
