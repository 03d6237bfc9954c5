"""How the storage account fares that audit chains are anchored in: tables and blobs, with each anchor."""

from collections.abc import Iterator
from datetime import timedelta

from shared.core.integration import Connection
from shared.core.work import DEPLOYMENT
from shared.store.work.standing import work_standing
from shared.usecases.deployment_view import DeploymentView

# Anchors are made every quarter of an hour.
_SILENCE = timedelta(hours=1)
# What an anchor ends with that the account is not to blame for.
_OTHERS_FAULT = (None, "audit_chain_cut")


def anchor_connection(view: DeploymentView) -> Iterator[Connection]:
    """Yield how it fares, as the last anchor tells. An anchor that failed does not say in which half."""
    last = next(iter(work_standing(view.engine, "anchor_audit", (DEPLOYMENT,))), None)
    if last is None or view.now - last.finished_at > _SILENCE:
        yield Connection(state="unknown", success_at=None if last is None else last.well_at)
    elif last.state == "ok" or last.cause in _OTHERS_FAULT:
        yield Connection(state="ok", success_at=last.finished_at)
    else:
        yield Connection(
            state="absent" if last.cause == "storage_missing" else "failing",
            success_at=last.well_at,
            error_at=last.finished_at,
            error_code=last.cause,
        )
