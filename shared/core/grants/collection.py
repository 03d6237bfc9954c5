"""Collections: where they stand, and starting one now; and files that are sent of what no API tells."""

from shared.core.grant import Grant

GRANT = Grant({"read": "masked_reader", "run": "operator", "import": "administrator"})
