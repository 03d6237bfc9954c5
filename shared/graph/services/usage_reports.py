"""Usage reports: 14 requests per 10 minutes for each report."""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#reports-service-limits",
    budget=Budget(rate=6.9 / 600, capacity=8),
    apart=True,
    # https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/6594
    not_bought=(NotBought(statuses=(404,), code="UnknownTenantId"),),
)
