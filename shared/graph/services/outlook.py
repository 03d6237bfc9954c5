"""Mail, calendars and mailbox settings: 10,000 requests per 10 minutes and mailbox, 4 at a time.

Who reads below mailboxes asks each of them once in a batch of twenty.
"""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#outlook-service-limits",
    health=("Exchange",),
    budget=Budget(rate=15, capacity=20),
    # https://github.com/microsoftgraph/msgraph-sdk-java-auth/issues/32: no Exchange Online in the tenant.
    not_bought=(NotBought(statuses=(401, 404), code="OrganizationFromTenantGuidNotFound"),),
)
