"""Subscriptions to change notifications: 5,000 requests per 20 s, of them 1,000 that write."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#subscription-service-limits",
    budget=Budget(rate=200, capacity=1000),
    writes=Budget(rate=40, capacity=200),
)
