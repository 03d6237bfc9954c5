"""Recoveries of the directory from a snapshot, and previews of them."""

from datetime import timedelta

from shared.catalog.graph_permissions import ENTRA_BACKUP_READ
from shared.core.collector import EVERY_MEMBER, Collector, Column, Get, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Recovery jobs", "回復ジョブ"),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/entrarecoveryservices-recoveryjobbase",
    # recoveryJob or recoveryPreviewJob; the one has more to tell. Only people may start them.
    ask=Get("directory/recovery/jobs", selects=False, headers=EVERY_MEMBER),
    keep=Versions(closes=False),
    columns=(
        Column("type", "@odata.type"),
        Column("status", "status", never_null=True),
        Column("started_at", "jobStartDateTime", "timestamp", never_null=True),
        Column("completed_at", "jobCompletionDateTime", "timestamp"),
        Column("target_state_at", "targetStateDateTime", "timestamp", never_null=True),
        Column("changed_object_count", "totalChangedObjectsCalculated", "int"),
        Column("changed_link_count", "totalChangedLinksCalculated", "int"),
        Column("filtering_criteria", "filteringCriteria", "json"),
    ),
    permissions=(ENTRA_BACKUP_READ,),
    # One takes an hour or more.
    every=timedelta(hours=1),
    licence="Microsoft Entra ID P1 or P2",
)
