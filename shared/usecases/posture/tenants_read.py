"""What is read badly, or not at all, is no ground to stand on."""

from collections.abc import Iterator

from shared.core.coverage import State
from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.store.work.standing import collecting
from shared.usecases.deployment_view import DeploymentView

_BADLY: frozenset[State] = frozenset({"failed", "not_permitted"})


def _look(view: DeploymentView) -> Iterator[Finding]:
    stands = collecting(view.engine, view.active)
    for tenant_id in view.active:
        found = stands.get(tenant_id, [])
        badly = tuple(one.subject for one in found if one.state in _BADLY)
        if not found:
            why = Text("Nothing was read yet.", "まだ何も収集されていません。")
            yield Finding("unknown", why, tenant_id=tenant_id)
        elif badly:
            why = Text(
                f"{len(badly)} of {len(found)} datasets could not be read last.",
                f"{len(found)} 件中 {len(badly)} 件のデータセットが前回収集できませんでした。",
            )
            yield Finding("fail", why, badly, tenant_id)
        else:
            why = Text(
                f"None of {len(found)} datasets failed or was refused last.",
                f"{len(found)} 件のデータセットに、前回失敗または拒否されたものはありません。",
            )
            yield Finding("pass", why, tenant_id=tenant_id)


CHECK = Check(
    title=Text("Datasets can be read", "データセットの収集可否"),
    severity="medium",
    look=_look,
    fix=Text(
        "GET /api/v1/tenants/{tenant}/collections names the cause of each.",
        "原因は GET /api/v1/tenants/{tenant}/collections で確認してください。",
    ),
    docs="docs/architecture.md#when-things-go-wrong",
    of_tenants=True,
)
