"""A permission that nothing needs is one that a thief gets for nothing."""

from collections.abc import Iterator
from datetime import timedelta

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.store.registers.consents import Consents, SeenConsent
from shared.usecases.check_consent import judge_consent
from shared.usecases.deployment_view import DeploymentView

# Whoever grants does not tell us: what was seen longer ago may be otherwise now.
_OLD = timedelta(days=90)


def _look(view: DeploymentView) -> Iterator[Finding]:
    known = [tenant for tenant in view.tenants if tenant.state != "removed"]
    seen = Consents(view.engine).of([tenant.tenant_id for tenant in known])
    for tenant in known:
        last = seen.get(tenant.tenant_id)
        if last is None or view.now - last.seen_at > _OLD:
            why = Text(
                f"Nobody looked within {_OLD.days} days.",
                f"{_OLD.days} 日以内に確認されていません。",
            )
            yield Finding("unknown", why, tenant_id=tenant.tenant_id)
        else:
            yield _judged(last)


def _judged(last: SeenConsent) -> Finding:
    told = judge_consent(frozenset(last.granted))
    used = {line.granted_by for line in told}
    beyond = tuple(name for name in last.granted if name not in used)
    at = f"{last.seen_at:%Y-%m-%d}"
    if beyond:
        why = Text(
            f"{len(beyond)} permissions are granted that no dataset needs (seen {at}).",
            f"どのデータセットにも不要な権限が {len(beyond)} 件付与されています ({at} 時点)。",
        )
        return Finding("fail", why, beyond, last.tenant_id)
    why = Text(
        f"Nothing beyond need is granted (seen {at}).", f"不要な権限はありません ({at} 時点)。"
    )
    return Finding("pass", why, tenant_id=last.tenant_id)


CHECK = Check(
    title=Text("Consent is no wider than needed", "同意の範囲"),
    severity="medium",
    look=_look,
    fix=Text(
        "Take the permissions from the app in Entra, then GET /api/v1/tenants/{tenant}/consent.",
        "Entra でアプリから権限を外した後、GET /api/v1/tenants/{tenant}/consent で確認してください。",
    ),
    docs="docs/security.md#what-is-protected",
    of_tenants=True,
)
