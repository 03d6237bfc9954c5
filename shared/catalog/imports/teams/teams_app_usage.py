"""How Teams apps are used: the Teams admin centre shows and exports it, no API does."""

from shared.core.collector import Column
from shared.core.import_cells import not_negative
from shared.core.imported import Import
from shared.core.text import Text

IMPORT = Import(
    title=Text("Usage of Teams apps", "Teams アプリの使用状況"),
    docs="https://learn.microsoft.com/en-us/microsoftteams/teams-analytics-and-reports/app-usage-report",
    columns=(
        Column("app_name", "app"),
        Column("publisher", "publisher"),
        Column("active_users", "active_users", "int"),
        Column("last_used_on", "last_used", "date"),
    ),
    key=("app", "publisher"),
    optional=("publisher", "active_users", "last_used"),
    checks={"active_users": not_negative},
    example="app,publisher,active_users,last_used\r\nPlanner,Microsoft,412,2026-01-30\r\n",
)
