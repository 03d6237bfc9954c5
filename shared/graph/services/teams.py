"""Teams, channels and their apps: 30 requests a second.

Of one team no more than 4 a second: who reads below teams asks each of them once in a round. Two batches of
twenty within a second would be too many: so they leave here 1.75 s apart, as the way may take one of them longer.
"""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/graph/throttling-limits#microsoft-teams-service-limits",
    health=("microsoftteams",),
    budget=Budget(rate=20, capacity=5),
    # https://github.com/microsoftgraph/microsoft-graph-docs/issues/2701; the code is Forbidden.
    not_bought=(NotBought(statuses=(403,), says="teams is disabled for your tenant"),),
)
