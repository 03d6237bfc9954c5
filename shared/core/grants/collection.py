"""Collections: where they stand, and starting one now."""

from shared.core.grant import Grant

GRANT = Grant({"read": "masked_reader", "run": "operator"})
