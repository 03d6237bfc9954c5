"""How many files of SharePoint each person viewed, edited, synced and shared."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("SharePoint activity", "SharePoint のアクティビティ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getsharepointactivityuserdetail",
    ask=Get("reports/getSharePointActivityUserDetail(period='{period}')", service="usage_reports"),
    answer=Csv(apart=("Deleted Date", "Is Deleted", "Assigned Products")),
    extent=Period("D30"),
    keep=Daily(),
    columns=(
        Column("user_principal_name", "User Principal Name", personal=True, folded=True),
        Column("is_deleted", "Is Deleted", "bool"),
        Column("last_activity_date", "Last Activity Date", "date", personal=True),
        Column("viewed_or_edited_file_count", "Viewed Or Edited File Count", "int"),
        Column("synced_file_count", "Synced File Count", "int"),
        Column("shared_internally_file_count", "Shared Internally File Count", "int"),
        Column("shared_externally_file_count", "Shared Externally File Count", "int"),
        Column("visited_page_count", "Visited Page Count", "int"),
    ),
    person=("user_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Principal Name",),
)
