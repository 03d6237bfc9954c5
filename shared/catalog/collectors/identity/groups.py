"""Groups of every kind: security, Microsoft 365, dynamic."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Delta, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Groups", "グループ"),
    docs="https://learn.microsoft.com/en-us/graph/api/group-delta",
    shape="entity",
    request="groups/delta",
    mode=Delta(
        select=(
            "id",
            "displayName",
            "description",
            "mail",
            "mailEnabled",
            "securityEnabled",
            "groupTypes",
            "visibility",
            "createdDateTime",
            "isAssignableToRole",
            "membershipRule",
        )
    ),
    columns=(
        Column("display_name", "displayName"),
        Column("description", "description"),
        Column("mail", "mail"),
        Column("mail_enabled", "mailEnabled", "bool"),
        Column("security_enabled", "securityEnabled", "bool"),
        Column("group_types", "groupTypes", "json"),
        Column("visibility", "visibility"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("is_assignable_to_role", "isAssignableToRole", "bool"),
        Column("membership_rule", "membershipRule"),
    ),
    permissions=(
        Permission(
            "GroupMember.Read.All",
            Text("Read groups and who belongs to them.", "グループとそのメンバーを読み取ります。"),
        ),
    ),
    every=timedelta(hours=1),
    notification="/groups",
)
