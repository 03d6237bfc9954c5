"""Whether Microsoft's usage reports conceal the names of people, groups and sites. One object."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ
from shared.core.collector import Collector, Column, Get, Single
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Report settings", "レポートの設定"),
    docs="https://learn.microsoft.com/en-us/graph/api/adminreportsettings-get",
    ask=Get("admin/reportSettings", service="general", selects=False),
    answer=Single(),
    columns=(Column("display_concealed_names", "displayConcealedNames", "bool", never_null=True),),
    permissions=(REPORT_SETTINGS_READ,),
    every=timedelta(hours=24),
    # The page of its resource knows no id.
    key=(),
)
