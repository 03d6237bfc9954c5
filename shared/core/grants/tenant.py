"""The tenants: looking at them, connecting, pausing and removing them."""

from shared.core.grant import Grant

GRANT = Grant({"read": "masked_reader", "write": "administrator"})
