"""How the service fares: measured stages, figures, alerts and the health of what it is made of."""

from shared.core.grant import Grant

GRANT = Grant({"read": ("operator", "auditor")})
