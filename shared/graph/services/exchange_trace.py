"""Message traces of Exchange Online: 100 requests per 5 minutes."""

from shared.graph.budgets import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/api/messagetracingroot-list-messagetraces",
    budget=Budget(rate=0.31, capacity=5),
)
