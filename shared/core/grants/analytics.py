"""Analytics: how work fares over time, and what goes wrong."""

from shared.core.grant import Grant

GRANT = Grant({"read": ("analyst", "operator")})
