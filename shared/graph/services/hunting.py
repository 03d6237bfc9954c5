"""Advanced hunting: 45 queries a minute, and a share of the processor."""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery",
    health=("Microsoft365Defender",),
    budget=Budget(rate=0.6, capacity=5),
    # The tables of mail are unknown without Defender for Office 365; the code is BadRequest.
    not_bought=(
        NotBought(
            statuses=(400,), says="failed to resolve table or column expression named 'email"
        ),
    ),
)
