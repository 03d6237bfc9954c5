"""The door to PostgreSQL: tenants, runs and their ledger, loading, reports, keys, budgets."""
