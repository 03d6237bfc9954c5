"""Reports: their rows, and the personal data in them."""

from shared.core.grant import Grant

GRANT = Grant({"read": "masked_reader", "personal": "reader"})
