"""Errors of the OneDrive sync app: the Microsoft 365 Apps admin centre shows and exports them, no API does."""

from shared.core.collector import Column
from shared.core.import_cells import not_negative
from shared.core.imported import Import
from shared.core.text import Text

IMPORT = Import(
    title=Text("OneDrive sync errors", "OneDrive 同期エラー"),
    docs="https://learn.microsoft.com/en-us/sharepoint/sync-health",
    columns=(
        Column("user_name", "user", personal=True, folded=True),
        Column("device_name", "device", personal=True),
        Column("error", "error"),
        Column("error_count", "count", "int"),
        Column("seen_at", "seen", "timestamp", personal=True),
    ),
    key=("user", "device", "error"),
    person=("user_name",),
    optional=("device", "count", "seen"),
    checks={"count": not_negative},
    example=(
        "user,device,error,count,seen\r\n"
        "adele@contoso.example,LAPTOP-1,The file is locked,3,2026-01-30T08:15:00Z\r\n"
    ),
)
