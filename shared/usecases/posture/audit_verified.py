"""A chain that nobody verifies proves nothing to anybody."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.core.work import DEPLOYMENT
from shared.store.audit.verifications import LastVerification, Verifications
from shared.usecases.deployment_view import DeploymentView

# As far back as anchors are compared.
_LATE = timedelta(days=31)


def _look(view: DeploymentView) -> Iterator[Finding]:
    """The deployment's own chain, and those of the tenants, as one."""
    chains = (DEPLOYMENT, *(tenant.tenant_id for tenant in view.tenants))
    last = Verifications(view.engine).of(chains)
    broken = [chain for chain in chains if chain in last and not last[chain].intact]
    late = [chain for chain in chains if _is_late(last.get(chain), view)]
    if broken:
        why = Text(
            f"{len(broken)} chains were not intact.", f"{len(broken)} 本の連鎖に異常があります。"
        )
        yield Finding("fail", why, _ids(broken))
    elif late:
        why = Text(
            f"{len(late)} of {len(chains)} chains were not verified within {_LATE.days} days.",
            f"{len(chains)} 本中 {len(late)} 本の連鎖が {_LATE.days} 日以内に検証されていません。",
        )
        yield Finding("fail" if last else "unknown", why, _ids(late))
    else:
        why = Text("Every chain was intact.", "すべての連鎖が正常に検証されました。")
        yield Finding("pass", why)


def _is_late(last: LastVerification | None, view: DeploymentView) -> bool:
    return last is None or view.now - last.verified_at > _LATE


def _ids(chains: list[UUID]) -> tuple[str, ...]:
    return tuple(map(str, chains))


CHECK = Check(
    title=Text("Audit chains are verified", "監査ログの検証"),
    severity="medium",
    look=_look,
    fix=Text(
        "Run kanri audit verify, or GET /api/v1/tenants/{tenant}/audit/verification, once a month.",
        "月に 1 回、kanri audit verify または GET /api/v1/tenants/{tenant}/audit/verification を実行してください。",
    ),
    docs="docs/security.md#the-audit-log",
)
