"""What has no table of its own: 130,000 requests per 10 s for the app over all tenants."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#global-limit",
    budget=Budget(rate=50, capacity=500),
)
