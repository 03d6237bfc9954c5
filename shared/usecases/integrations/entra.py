"""Microsoft Entra of each tenant, which gives the tokens that Graph is asked with."""

from collections.abc import Iterator

from shared.core.integration import Connection, Integration
from shared.core.text import Text
from shared.store.work.standing import WorkStanding, collecting
from shared.usecases.deployment_view import DeploymentView

# What a collection ends with that got no token.
_CODES = frozenset(
    {"entra_refused", "entra_unreachable", "credential_missing", "certificate_unusable"}
)


def _look(view: DeploymentView) -> Iterator[Connection]:
    """Whoever was answered by Graph had a token, whatever the answer was."""
    stands = collecting(view.engine, view.active)
    for tenant_id in view.active:
        found = sorted(stands.get(tenant_id, []), key=lambda one: one.finished_at)
        refused = [one for one in found if one.cause in _CODES]
        answered = [one for one in found if _was_answered(one)]
        last = refused[-1] if refused else None
        success = answered[-1].finished_at if answered else None
        failing = last is not None and (success is None or success < last.finished_at)
        yield Connection(
            state="failing" if failing else "ok" if answered else "unknown",
            success_at=success,
            error_at=None if last is None else last.finished_at,
            error_code=None if last is None else last.cause,
            tenant_id=tenant_id,
        )


def _was_answered(one: WorkStanding) -> bool:
    asked = one.state in ("ok", "partial", "not_licensed", "not_permitted")
    return asked and one.cause not in _CODES


INTEGRATION = Integration(
    title=Text("Microsoft Entra", "Microsoft Entra"), look=_look, of_tenants=True
)
