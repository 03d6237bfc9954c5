"""Message traces of Exchange Online: 100 requests per 5 minutes.

A fifth may be spent at once: it is what the first ten days of a small tenant take.
"""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/api/messagetracingroot-list-messagetraces",
    health=("Exchange",),
    budget=Budget(rate=0.26, capacity=20),
)
