"""How much storage all SharePoint sites of a tenant use, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("SharePoint storage", "SharePoint のストレージ"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getsharepointsiteusagestorage",
    ask=Get("reports/getSharePointSiteUsageStorage(period='{period}')", service="usage_reports"),
    # One line for each type of site, and perhaps one for all: never add that one to the others.
    answer=Csv(),
    # The first read fills in the half year that Microsoft keeps.
    extent=Period("D7", first="D180"),
    # These two say when the file was made; they are no part of a day.
    keep=Daily(date="Report Date", series=True, volatile=("Report Refresh Date", "Report Period")),
    columns=(
        Column("site_type", "Site Type"),
        Column("storage_used_bytes", "Storage Used (Byte)", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Report Date", "Site Type"),
)
