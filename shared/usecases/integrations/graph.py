"""Microsoft Graph of each tenant, as collections have found it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.core.coverage import State
from shared.core.integration import Connection, Fares, Integration
from shared.core.text import Text
from shared.store.work.standing import WorkStanding, collecting
from shared.usecases.deployment_view import DeploymentView

_BADLY: frozenset[State] = frozenset({"failed", "not_permitted"})
# Every dataset is read at least once a day: after that nothing tells how Graph is.
_SILENCE = timedelta(days=1)


def _look(view: DeploymentView) -> Iterator[Connection]:
    kept = [tenant for tenant in view.tenants if tenant.state != "removed"]
    stands = collecting(view.engine, [tenant.tenant_id for tenant in kept])
    for tenant in kept:
        found = stands.get(tenant.tenant_id, [])
        badly = sorted((one for one in found if one.state in _BADLY), key=_end)
        last = badly[-1] if badly else None
        yield Connection(
            state="paused" if tenant.state == "paused" else _fares(found, badly, view),
            success_at=max((one.well_at for one in found if one.well_at), default=None),
            error_at=None if last is None else last.finished_at,
            error_code=None if last is None else last.cause,
            tenant_id=tenant.tenant_id,
            details={"datasets": len(found), "failing": len(badly)},
        )


def _fares(found: list[WorkStanding], badly: list[WorkStanding], view: DeploymentView) -> Fares:
    heard = max(map(_end, found), default=None)
    if heard is None or view.now - heard > _SILENCE:
        return "unknown"
    if not badly:
        return "ok"
    return "failing" if len(badly) == len(found) else "degraded"


def _end(one: WorkStanding) -> datetime:
    return one.finished_at


INTEGRATION = Integration(
    title=Text("Microsoft Graph", "Microsoft Graph"), look=_look, of_tenants=True
)
