"""How the service and its database fare: measured stages, figures, alerts, health; and tending the database."""

from shared.core.grant import Grant

GRANT = Grant({"read": ("operator", "auditor"), "write": "operator"})
