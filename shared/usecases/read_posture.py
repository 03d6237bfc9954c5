"""Has every check of Kanri's own posture look, for the tenants that a caller may see."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from shared.core.errors import KanriError, StoreUnavailable
from shared.core.posture import CHECKS, AnyCheck, Finding
from shared.core.registry import of
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


class Checked(NamedTuple):
    """A check, and one of the things it found."""

    check: AnyCheck
    finding: Finding


def read_posture(
    view: DeploymentView, *, deployment: bool, wanted: Iterable[str] | None = None
) -> list[Checked]:
    """Return what the checks find, by check and tenant; those of the deployment if `deployment`.

    A check that cannot look says why as unknown. Raises StoreUnavailable.
    """
    checks = of(CHECKS)
    names = checks if wanted is None else wanted
    found: list[Checked] = []
    for check in (checks[name] for name in sorted(names)):
        if check.of_tenants or deployment:
            found += (Checked(check, one) for one in _found(check.look, view))
    return sorted(found, key=lambda one: (one.check.check, str(one.finding.tenant_id or "")))


def _found(
    look: Callable[[DeploymentView], Iterable[Finding]], view: DeploymentView
) -> list[Finding]:
    try:
        return list(look(view))
    except StoreUnavailable:
        raise
    except KanriError as error:
        return [Finding("unknown", Text(error.message("en"), error.message("ja")))]
