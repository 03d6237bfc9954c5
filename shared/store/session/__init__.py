"""Connections, roles and transactions: every statement of the store goes through here."""
