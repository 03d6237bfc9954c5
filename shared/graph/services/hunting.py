"""Advanced hunting: 45 queries a minute, and a share of the processor."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery",
    health=("Microsoft365Defender",),
    budget=Budget(rate=0.6, capacity=5),
)
