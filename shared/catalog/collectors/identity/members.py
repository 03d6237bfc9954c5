"""Direct members of each group."""

from datetime import timedelta

from shared.core.collector import Collector, Column, FanOut, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Group members", "グループ メンバー"),
    docs="https://learn.microsoft.com/en-us/graph/api/group-list-members",
    shape="entity",
    request="groups/{id}/members",
    mode=FanOut(parent="groups", select=("id", "displayName", "userPrincipalName"), top=999),
    columns=(
        Column("group_id", "{parent}"),
        Column("member_id", "id"),
        Column("member_type", "@odata.type"),
        Column("display_name", "displayName", personal=True),
        Column("user_principal_name", "userPrincipalName", personal=True),
    ),
    permissions=(
        Permission(
            "GroupMember.Read.All",
            Text("Read groups and who belongs to them.", "グループとそのメンバーを読み取ります。"),
        ),
        Permission(
            "User.Read.All", Text("Read the user accounts.", "ユーザー アカウントを読み取ります。")
        ),
    ),
    every=timedelta(hours=6),
)
