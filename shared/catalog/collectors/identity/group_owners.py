"""Who owns each group; many groups have nobody."""

from datetime import timedelta

from shared.catalog.graph_permissions import GROUP_MEMBER_READ, USER_READ
from shared.core.collector import Below, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Group owners", "グループの所有者"),
    docs="https://learn.microsoft.com/en-us/graph/api/group-list-owners",
    ask=Get("groups/{id}/owners", top=999),
    extent=Below("groups"),
    columns=(
        Column("group_id", "{parent}"),
        Column("principal_id", "id", never_null=True),
        # A user or a service principal.
        Column("principal_type", "@odata.type", never_null=True),
        Column("display_name", "displayName", personal=True, collated=True),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
    ),
    person=("principal_id", "user_principal_name"),
    permissions=(GROUP_MEMBER_READ, USER_READ),
    every=timedelta(hours=24),
)
