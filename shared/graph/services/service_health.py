"""Service health and messages: 240 per minute and 800 per hour; the hour is the tighter one."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#service-communications-service-limits",
    budget=Budget(rate=700 / 3600, capacity=100),
)
