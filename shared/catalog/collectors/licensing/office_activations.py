"""On how many devices each person activated which Office product."""

from datetime import timedelta

from shared.catalog.graph_permissions import REPORT_SETTINGS_READ, REPORTS_READ
from shared.core.collector import Collector, Column, Csv, Daily, Get, Period
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Office activations", "Office のライセンス認証"),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getoffice365activationsuserdetail",
    # It tells of no period but of what is.
    ask=Get("reports/getOffice365ActivationsUserDetail", service="usage_reports"),
    answer=Csv(apart=("Display Name",)),
    extent=Period(),
    keep=Daily(),
    columns=(
        Column("user_principal_name", "User Principal Name", personal=True, folded=True),
        Column("display_name", "Display Name", personal=True, collated=True),
        Column("product_type", "Product Type"),
        Column("last_activated_date", "Last Activated Date", "date", personal=True),
        Column("windows_count", "Windows", "int"),
        Column("mac_count", "Mac", "int"),
        Column("windows_10_mobile_count", "Windows 10 Mobile", "int"),
        Column("ios_count", "iOS", "int"),
        Column("android_count", "Android", "int"),
        Column("is_on_shared_computer", "Activated On Shared Computer", "bool"),
    ),
    person=("user_principal_name",),
    permissions=(REPORTS_READ, REPORT_SETTINGS_READ),
    every=timedelta(hours=24),
    key=("User Principal Name", "Product Type"),
)
