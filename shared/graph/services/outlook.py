"""Mail, calendars and mailbox settings: 10,000 requests per 10 minutes and mailbox, 4 at a time.

Who reads below mailboxes asks each of them once in a batch of twenty.
"""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#outlook-service-limits",
    health=("Exchange",),
    budget=Budget(rate=15, capacity=20),
)
