"""Direct members of each group."""

from datetime import timedelta

from shared.catalog.graph_permissions import GROUP_MEMBER_READ, USER_READ
from shared.core.collector import Below, Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Group members", "グループ メンバー"),
    docs="https://learn.microsoft.com/en-us/graph/api/group-list-members",
    ask=Get("groups/{id}/members", top=999),
    extent=Below("groups"),
    columns=(
        Column("group_id", "{parent}"),
        Column("member_id", "id", never_null=True, search="prefix"),
        Column("member_type", "@odata.type", never_null=True),
        Column("display_name", "displayName", personal=True, collated=True),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
    ),
    person=("member_id", "user_principal_name"),
    permissions=(GROUP_MEMBER_READ, USER_READ),
    every=timedelta(hours=6),
)
