"""Places that Conditional Access knows by name: IP ranges and countries."""

from datetime import timedelta

from shared.catalog.graph_permissions import POLICY_READ
from shared.core.collector import Collector, Column, Get
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Named locations", "ネームド ロケーション"),
    docs="https://learn.microsoft.com/en-us/graph/api/conditionalaccessroot-list-namedlocations",
    # isTrusted belongs to one derived type, which $select cannot name for the others.
    ask=Get(
        "identity/conditionalAccess/namedLocations", service="conditional_access", selects=False
    ),
    columns=(
        Column("display_name", "displayName", never_null=True, collated=True),
        Column("location_type", "@odata.type", never_null=True),
        Column("is_trusted", "isTrusted", "bool"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("modified_at", "modifiedDateTime", "timestamp"),
    ),
    permissions=(POLICY_READ,),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P1",
)
