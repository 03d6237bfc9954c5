"""What was told since the heads were last kept outside the database can be cut off unseen."""

from collections.abc import Iterator
from datetime import timedelta

from shared.core.posture import Check, Finding
from shared.core.text import Text
from shared.core.work import DEPLOYMENT
from shared.store.work.standing import work_standing
from shared.usecases.deployment_view import DeploymentView

# They are kept every quarter of an hour.
_LATE = timedelta(hours=1)


def _look(view: DeploymentView) -> Iterator[Finding]:
    [*stands] = work_standing(view.engine, "anchor_audit", (DEPLOYMENT,))
    well = max((one.well_at for one in stands if one.well_at is not None), default=None)
    if not stands:
        yield Finding("unknown", Text("It has never run.", "まだ一度も実行されていません。"))
        return
    cause = stands[-1].cause or "-"
    if well is not None and view.now - well <= _LATE:
        why = Text(f"Kept last at {well:%Y-%m-%d %H:%M}Z.", f"最終記録: {well:%Y-%m-%d %H:%M}Z。")
        yield Finding("pass", why)
        return
    at = "-" if well is None else f"{well:%Y-%m-%d %H:%M}Z"
    why = Text(
        f"Kept last at {at}; the last attempt ended with {cause}.",
        f"最終記録: {at}。直近の実行結果: {cause}。",
    )
    yield Finding("fail", why)


CHECK = Check(
    title=Text("Audit chains are kept outside the database", "監査ログの外部への記録"),
    severity="high",
    look=_look,
    fix=Text(
        "See what the cause says of storage or keys; audit_chain_cut: verify the chains.",
        "原因コードに従ってストレージまたはキーを確認してください。audit_chain_cut の場合は連鎖を検証してください。",
    ),
    docs="docs/security.md#the-audit-log",
)
