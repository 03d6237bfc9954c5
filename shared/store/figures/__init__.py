"""Figures over time: what the ledger, the audit log and the dead letters come to, tenant by tenant."""
