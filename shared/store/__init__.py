"""The door to PostgreSQL: schema, loading, history, ledger and report reading."""
