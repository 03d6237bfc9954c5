"""Whether Microsoft's security defaults are on. One object."""

from datetime import timedelta

from shared.catalog.graph_permissions import POLICY_READ
from shared.core.collector import Collector, Column, Get, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Security defaults", "セキュリティの既定値"),
    docs="https://learn.microsoft.com/en-us/graph/api/identitysecuritydefaultsenforcementpolicy-get",
    ask=Get("policies/identitySecurityDefaultsEnforcementPolicy"),
    answer=Single(),
    # They and Conditional Access policies that are on exclude each other.
    columns=(Column("is_enabled", "isEnabled", "bool", never_null=True),),
    permissions=(POLICY_READ,),
    every=timedelta(hours=24),
)
