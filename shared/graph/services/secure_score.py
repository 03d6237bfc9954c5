"""Secure scores: 10,000 requests per 10 minutes, 4 at a time."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#security-detections-and-incidents-service-limits",
    budget=Budget(rate=10, capacity=4),
)
