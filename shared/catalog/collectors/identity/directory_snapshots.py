"""The daily snapshots that Microsoft keeps of the directory; each for five days."""

from datetime import timedelta

from shared.catalog.graph_permissions import ENTRA_BACKUP_READ
from shared.core.collector import Collector, Column, Get, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Directory snapshots", "ディレクトリ スナップショット"),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/entrarecoveryservices-snapshot",
    # An id is the snapshot's time in Base64.
    ask=Get("directory/recovery/snapshots"),
    # What is older than five days is not told any more: that it was there stays known.
    keep=Versions(closes=False),
    columns=(
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("changed_object_count", "totalChangedObjects", "int"),
    ),
    permissions=(ENTRA_BACKUP_READ,),
    every=timedelta(hours=6),
    licence="Microsoft Entra ID P1 or P2",
)
