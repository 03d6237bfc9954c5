"""Groups of every kind: security, Microsoft 365, dynamic."""

from datetime import timedelta

from shared.catalog.graph_permissions import GROUP_MEMBER_READ
from shared.core.collector import Collector, Column, Delta, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Groups", "グループ"),
    docs="https://learn.microsoft.com/en-us/graph/api/group-delta",
    ask=Get("groups/delta", page_size=999),
    extent=Delta(),
    columns=(
        Column("display_name", "displayName", never_null=True, collated=True),
        Column("description", "description"),
        Column("mail", "mail", folded=True),
        Column("mail_enabled", "mailEnabled", "bool", never_null=True),
        Column("security_enabled", "securityEnabled", "bool", never_null=True),
        Column("group_types", "groupTypes", "json", never_null=True),
        Column("visibility", "visibility"),
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("is_assignable_to_role", "isAssignableToRole", "bool"),
        Column("membership_rule", "membershipRule"),
        # "Team" where the group is one.
        Column(
            "resource_provisioning_options",
            "resourceProvisioningOptions",
            "json",
            never_null=True,
        ),
    ),
    permissions=(GROUP_MEMBER_READ,),
    every=timedelta(hours=1),
    notification="/groups",
)
