"""Without an owner nobody can give roles; with one alone, losing his account loses the deployment."""

from collections.abc import Iterator

from shared.core.posture import Check, Finding, Status
from shared.core.text import Text
from shared.store.registers.owner_count import count_owners
from shared.usecases.deployment_view import DeploymentView

_FEWEST, _MOST = 2, 5


def _look(view: DeploymentView) -> Iterator[Finding]:
    owners = count_owners(view.engine, view.now)
    why = Text(
        f"There are {owners.single} owners, and {owners.groups} groups of owners. "
        "App roles of tokens, which Entra gives, are not seen here.",
        f"所有者は {owners.single} 件、所有者グループは {owners.groups} 件です。"
        "Entra で付与されたアプリ ロールはここでは確認できません。",
    )
    yield Finding(_status(owners.single, owners.groups), why)


def _status(single: int, groups: int) -> Status:
    if single > _MOST:
        return "fail"
    if groups:  # Of whoever many: none, or a thousand.
        return "unknown"
    return "pass" if single >= _FEWEST else "fail"


CHECK = Check(
    title=Text("There are two to five owners", "所有者の人数 (2～5)"),
    severity="high",
    look=_look,
    fix=Text(
        "Give the role owner to a second person, or take it from those who do not need it: /api/v1/memberships.",
        "所有者の役割を 2 人目に付与するか、不要な人から外してください: /api/v1/memberships。",
    ),
    docs="docs/security.md#a-second-pair-of-eyes",
)
