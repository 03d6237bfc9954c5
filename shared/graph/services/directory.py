"""Entra's directory counts resource units: 3,500 per 10 s, 5,000 from 50 users on, 8,000 above 500.

What changes something is counted besides: 3,000 per 150 s.
"""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#identity-and-access-service-limits",
    health=("AzureAD",),
    budget=Budget(rate=175, capacity=1750),
    sizes=((50, Budget(rate=250, capacity=2500)), (501, Budget(rate=400, capacity=4000))),
    writes=Budget(rate=16, capacity=600),
    options_count=True,
    units={
        "applications": 2,
        "domains/{id}/domainNameReferences": 4,
        "groups/{id}/members": 3,
        "groups/{id}/transitiveMembers": 5,
        "oauth2PermissionGrants": 2,
        "servicePrincipals/{id}/appRoleAssignments": 2,
        "subscribedSkus": 3,
        "users": 2,
        "users/{id}/licenseDetails": 2,
        "users/{id}/memberOf": 2,
    },
    # Privileged Identity Management.
    not_bought=(NotBought(statuses=(400, 403), code="AadPremiumLicenseRequired"),),
)
