"""Conditional access and identity protection: 1 request a second for all apps of the tenant.

A 429 carries no Retry-After.
"""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#identity-protection-and-conditional-access-service-limits",
    health=("AzureAD",),
    budget=Budget(rate=0.9, capacity=1),
)
