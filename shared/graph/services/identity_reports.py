"""Sign-ins, directory audits and authentication reports together: 5 requests per 10 s.

The page's list names authenticationMethod in the place of authenticationMethodsRoot, says its
source, and that is what userRegistrationDetails is read below.
"""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-reports-service-limits",
    health=("AzureAD",),
    budget=Budget(rate=0.49, capacity=1),
    # Users' sign-in activity is refused so, too.
    not_bought=(
        NotBought(
            statuses=(400, 403), code="Authentication_RequestFromNonPremiumTenantOrB2CTenant"
        ),
    ),
)
