"""Whether the app can do its work, and what it has given up on."""

from shared.core.grant import Grant

GRANT = Grant({"read": "operator"})
