"""Managed devices and their policies: 2,000 requests per 20 s."""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#intune-service-limits",
    health=("Intune",),
    budget=Budget(rate=90, capacity=200),
    # Within the JSON of its message; the code is BadRequest.
    not_bought=(NotBought(statuses=(400,), says="request not applicable to target tenant"),),
)
