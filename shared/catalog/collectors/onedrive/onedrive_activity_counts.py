"""How many files of OneDrive were viewed, edited, synced and shared, day by day."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("OneDrive file activity counts", "OneDrive ファイル アクティビティ数"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getonedriveactivityfilecounts",
    ask=Get("reports/getOneDriveActivityFileCounts(period='{period}')", service="usage_reports"),
    # The page speaks of users; name and figures are of files.
    answer=Csv(),
    # The first read fills in the half year that Microsoft keeps.
    extent=Period("D7", first="D180"),
    # These two say when the file was made; they are no part of a day.
    keep=Daily(date="Report Date", series=True, volatile=("Report Refresh Date", "Report Period")),
    columns=(
        Column("viewed_or_edited", "Viewed Or Edited", "int"),
        Column("synced", "Synced", "int"),
        Column("shared_internally", "Shared Internally", "int"),
        Column("shared_externally", "Shared Externally", "int"),
    ),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("Report Date",),
)
