"""Memberships: seeing who has which role where, giving and taking them."""

from shared.core.grant import Grant

GRANT = Grant({"read": "auditor", "write": "administrator"})
