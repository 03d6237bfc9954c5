"""The list of call records: 15 first pages per 20 s, 55 later ones per 5 minutes."""

from shared.core.throttling import Budget, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#call-records-limits",
    health=("microsoftteams",),
    budget=Budget(rate=0.16, capacity=5),
)
