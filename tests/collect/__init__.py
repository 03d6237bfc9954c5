"""Collecting, from the queue message to the ledger: real PostgreSQL, real sandbox over HTTPS."""
