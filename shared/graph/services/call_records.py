"""One call record and what is below it: 1,500 requests per 20 s.

The list of them has a limit of its own: see `call_record_lists`.
"""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#call-records-limits",
    health=("microsoftteams",),
    budget=Budget(rate=60, capacity=100),
)
