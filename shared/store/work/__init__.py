"""Runs of work: due, claimed, opened under a lease, ended in the ledger, buried."""
