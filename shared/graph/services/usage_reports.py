"""Usage reports: 14 requests per 10 minutes for each report."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#reports-service-limits",
    budget=Budget(rate=6.9 / 600, capacity=8),
    apart=True,
)
