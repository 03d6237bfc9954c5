"""Integrations: what Kanri is connected to, and how that fares."""

from shared.core.grant import Grant

GRANT = Grant({"read": "operator"})
