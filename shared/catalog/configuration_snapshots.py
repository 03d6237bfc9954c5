"""Snapshots of a workload's policies as Microsoft's Tenant Configuration Management extracts them.

Its own principal (03b07b79-c5bc-4b5e-9bfa-13acf4a99998) must exist in the tenant and be allowed to read
the workloads: Global Reader, for Exchange and Purview also Exchange.ManageAsApp, for Intune the permissions
DeviceManagement*.Read.All and Group.Read.All of Graph. Each workload is a job of its own: one that may not be
read takes nothing from the others. 20,000 resources a month may be extracted: nothing is
asked for of which there is one for each account.
"""

from datetime import timedelta

from shared.catalog.graph_permissions import CONFIGURATION_MONITORING
from shared.core.collector import (
    EVERY_MEMBER,
    NOW,
    Collector,
    Column,
    Get,
    Job,
    Single,
    Versions,
)
from shared.core.text import Text

_MANAGEMENT = "admin/configurationManagement"


# The first two are the snapshot's, another one each night.
_COLUMNS = (
    Column("snapshot_id", "id", never_null=True),
    Column("snapshot_name", "displayName", never_null=True),
    # microsoft.teams.meetingpolicy
    Column("resource_type", "resources/resourceType", never_null=True),
    # TeamsMeetingPolicy-Global
    Column("name", "resources/displayName", never_null=True),
    Column("properties", "resources/properties", "json", never_null=True),
)


def snapshots_of(
    workload: str,
    kinds: str,
    title: Text,
    every: timedelta = timedelta(hours=24),
    *,
    licence: str | None = None,
    plans: tuple[str, ...] = (),
) -> Collector:
    """Return the dataset of a workload's resources of these kinds, which stand with blanks between.

    https://learn.microsoft.com/en-us/graph/utcm-supported-resourcetypes has them, and a page for each
    workload (utcm-intune-resources) that is newer; only what stands on both is asked for.
    """
    resources = tuple(f"microsoft.{workload}.{kind.lower()}" for kind in kinds.split())
    return Collector(
        title=title,
        docs="https://learn.microsoft.com/en-us/graph/api/configurationbaseline-createsnapshot",
        ask=Get(
            f"{_MANAGEMENT}/configurationSnapshots/{{result}}",
            service="general",
            selects=False,
            headers=EVERY_MEMBER,
        ),
        answer=_job(workload, resources),
        keep=Versions(volatile=("id", "displayName")),
        columns=_COLUMNS,
        permissions=(CONFIGURATION_MONITORING,),
        every=every,
        licence=licence,
        plans=plans,
        key=("resources/resourceType", "resources/displayName"),
    )


def _job(workload: str, resources: tuple[str, ...]) -> Job:
    return Job(
        create=f"{_MANAGEMENT}/configurationSnapshots/createSnapshot",
        # At most 32 letters, digits and spaces, and none of the jobs may be called like another.
        body=(
            ("displayName", f"kanri {workload[:8]} {NOW}"),
            ("description", f"Policies of {workload}"),
            ("resources", resources),
        ),
        # Where the result is comes on $select only; it may be below another version.
        poll=f"{_MANAGEMENT}/configurationSnapshotJobs/{{job}}"
        "?$select=id,status,completedDateTime,resourceLocation,errorDetails,resources",
        rows=Single(each="resources"),
        result="resourceLocation",
        partly=("partiallySuccessful",),
        every=timedelta(seconds=30),
        # Of twelve at a time.
        deletes=True,
    )
