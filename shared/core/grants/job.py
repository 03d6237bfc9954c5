"""Jobs: following what was asked for, and ending it before its time."""

from shared.core.grant import Grant

GRANT = Grant({"read": "masked_reader", "cancel": "operator"})
