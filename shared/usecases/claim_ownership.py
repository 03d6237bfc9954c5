"""Makes whoever knows the owner secret the first owner of the deployment; then never again."""

import hmac
import logging
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.errors import Conflict, Forbidden
from shared.core.logs import log

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.access import Caller
    from shared.core.settings import Settings
    from shared.store.registers.memberships import Membership


def claim_ownership(
    engine: "Engine", settings: "Settings", caller: "Caller", secret: str
) -> "Membership":
    """Give the caller the role of owner on every tenant, and return that.

    Once there is an owner the secret opens nothing, whatever the settings say: Conflict, before it
    is looked at. Forbidden for a key or a token of another directory than the operators', for a
    secret that is wrong, and where the settings name none.
    """
    from shared.store.registers.memberships import Memberships

    subject = caller.subject
    home = UUID(settings.home_tenant_id) if settings.home_tenant_id else None
    if subject is None or home is None or subject.directory != home:
        raise Forbidden("owner_foreign")
    memberships = Memberships(engine)
    if memberships.has_owner():
        raise Conflict("owner_exists")
    if not settings.owner_secret:
        raise Forbidden("owner_secret_unset")
    if not hmac.compare_digest(secret.encode(), settings.owner_secret.encode()):
        log("owner_secret_wrong", level=logging.WARNING, caller=caller.name)
        raise Forbidden("owner_secret_wrong", parameter="secret")
    return memberships.first_owner(subject)
