"""Alerts and what else lies below `security`: 150 requests per minute."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#security-detections-and-incidents-service-limits",
    health=("Microsoft365Defender",),
    budget=Budget(rate=2.3, capacity=10),
)
