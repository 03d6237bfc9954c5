"""Snapshots of the directory, one a day for five days, and the recoveries from them.

Shapes and rules: "Microsoft Entra Backup and Recovery" of the Graph documentation; only people may start
a job. What a tenant without Entra ID P1 gets is not documented.
"""

from base64 import b64encode
from typing import Any

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route, entra_premium
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

_SNAPSHOTS, _JOBS = "directory/recovery/snapshots", "directory/recovery/jobs"
_TYPE = "#microsoft.graph.entraRecoveryServices"
_KEPT_DAYS = 5
_NEWER = frozenset({"calculating", "loadingData"})
_SNAPSHOT = plain_type("entraRecoveryServices.snapshot", "id createdDateTime totalChangedObjects")
_JOB = plain_type(
    "entraRecoveryServices.recoveryJobBase",
    "id status jobStartDateTime jobCompletionDateTime targetStateDateTime "
    "totalChangedObjectsCalculated totalChangedLinksCalculated filteringCriteria",
)
# hours before the seed's instant, kind of job, how it ends, how many hours that takes
_SEEDED = (
    (300, "recoveryPreviewJob", "successful", 1.0),
    (120, "recoveryJob", "successful", 2.0),
    (80, "recoveryJob", "failed", 1.5),
    (60, "recoveryPreviewJob", "abandoned", 1.0),
    (1, "recoveryPreviewJob", "successful", 2.0),
)


def snapshots(call: Call) -> list[Entity]:
    """The snapshots that are kept, the newest first."""
    dice, today = Dice(call.tenant.seed, "directory snapshot"), int(call.now.timestamp()) // DAY
    made = [(day, epoch_stamp(day * DAY + 7_200)) for day in range(today, today - _KEPT_DAYS, -1)]
    return [
        {
            "id": b64encode(stamp.encode()).decode(),
            "createdDateTime": stamp,
            "totalChangedObjects": dice.roll(day)[0] if dice.roll(day)[1] > 10 else None,
        }
        for day, stamp in made
        if day * DAY + 7_200 <= call.now.timestamp()
    ]


def _jobs(call: Call) -> list[Entity]:
    dice, anchor = Dice(call.tenant.seed, "recovery job"), call.tenant.anchor
    rows = []
    for number, (hours, kind, end, takes) in enumerate(_SEEDED):
        start = anchor - hours * 3_600
        passed = (call.now.timestamp() - start) / 3_600
        done = passed >= takes
        counted = done and end == "successful"
        row: dict[str, Any] = {
            "@odata.type": f"{_TYPE}.{kind}",
            "id": dice.guid(number),
            "status": end if done else "running" if kind == "recoveryJob" else "calculating",
            "jobStartDateTime": epoch_stamp(start),
            "jobCompletionDateTime": epoch_stamp(start + int(takes * 3_600)) if done else None,
            "targetStateDateTime": epoch_stamp((start // DAY - 1) * DAY + 7_200),
            "totalChangedObjectsCalculated": dice.roll(number)[0] if counted else None,
            "totalChangedLinksCalculated": dice.roll(number)[1] if counted else None,
            "filteringCriteria": {
                "@odata.type": f"{_TYPE}.recoveryJobEntityNamesFilter",
                "entityTypes": ["user", "group"],
            },
        }
        if kind == "recoveryJob":
            row |= {
                "totalObjectsModified": 7 if counted else None,
                "totalLinksModified": 3 if counted else None,
                "totalFailedChanges": 0 if counted else None,
            }
        rows.append(row)
    return rows


def _list_snapshots(call: Call) -> Reply:
    options = read_options(call, _SNAPSHOT, frozenset({"$select", "$top", "$filter"}))
    return list_reply(call, Listed(snapshots(call)), _SNAPSHOT, _SNAPSHOTS, options=options)


def _list_jobs(call: Call) -> Reply:
    if call.request.method == "POST":
        raise ApiError(403, "Authorization_RequestDenied", "Recovery is started by a signed-in user only.")  # fmt: skip
    options = read_options(call, _JOB, frozenset({"$select", "$top", "$filter"}))
    return list_reply(
        call, Listed(_jobs(call)), _JOB, _JOBS, options=options,
        shape=lambda job: evolved(call, job, _NEWER),
    )  # fmt: skip


PERMISSIONS = {"EntraBackup.Read.All": "1b0c317f-dd31-4305-9932-259a8b6e8099"}
_READ = tuple(PERMISSIONS)
ROUTES = (
    Route(f"/{_SNAPSHOTS}", _list_snapshots, _READ, licence=entra_premium),
    Route(f"/{_JOBS}", _list_jobs, _READ, licence=entra_premium, methods=("GET", "POST")),
)
