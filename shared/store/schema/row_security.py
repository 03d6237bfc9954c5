"""Row-level security: which rows a session sees and writes, as one policy a table."""

from sqlalchemy import Connection, Table, text

OF_THE_TENANT = "tenant_id = (SELECT nullif(current_setting('kanri.tenant_id', true), '')::uuid)"
OF_THE_OPERATOR = "(SELECT current_setting('kanri.scope', true)) = 'operator'"


def protect(connection: Connection, table: Table, rule: str, *, readable: bool = False) -> None:
    """Switch row-level security on; each policy is written once. `readable`: all may read all of it."""
    name = f'{table.schema}."{table.name}"'
    connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"))
    policies = {"visible": f"USING ({rule}) WITH CHECK ({rule})"}
    if readable:
        policies["readable"] = "FOR SELECT USING (true)"
    there = "SELECT polname FROM pg_policy WHERE polrelid = CAST(:name AS regclass)"
    exist = set(connection.execute(text(there), {"name": name}).scalars())
    for policy, says in policies.items():
        if policy not in exist:
            connection.execute(text(f"CREATE POLICY {policy} ON {name} {says}"))
