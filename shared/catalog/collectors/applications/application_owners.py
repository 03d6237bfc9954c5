"""Who owns each registered application, and may so give it new credentials."""

from datetime import timedelta

from shared.catalog.graph_permissions import APPLICATION_READ, USER_READ
from shared.core.collector import Below, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Application owners", "アプリケーションの所有者"),
    docs="https://learn.microsoft.com/en-us/graph/api/application-list-owners",
    ask=Get("applications/{id}/owners", top=999),
    extent=Below("applications"),
    columns=(
        Column("application_id", "{parent}"),
        Column("principal_id", "id", never_null=True),
        # A user or a service principal.
        Column("principal_type", "@odata.type", never_null=True),
        Column("display_name", "displayName", personal=True, collated=True),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
    ),
    person=("principal_id", "user_principal_name"),
    permissions=(APPLICATION_READ, USER_READ),
    every=timedelta(hours=24),
)
