"""Which Microsoft Graph application permissions the enabled datasets need, and what for."""

from collections.abc import Iterable

from shared.core.registry import collector, datasets
from shared.core.text import Text


def needed_permissions(wanted: Iterable[str] | None = None) -> dict[str, Text]:
    """Return permission name to purpose for the datasets (default: all), sorted by name.

    Raises NotFound for a dataset that the catalogue does not have.
    """
    found: dict[str, Text] = {}
    for dataset in datasets() if wanted is None else wanted:
        for permission in collector(dataset).permissions:
            found.setdefault(permission.name, permission.purpose)
    return dict(sorted(found.items()))


def consent_link(authority: str, tenant: str, client_id: str) -> str:
    """Return the page where an administrator of `tenant` grants the permissions.

    https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
    """
    return f"{authority.rstrip('/')}/{tenant}/adminconsent?client_id={client_id}"
