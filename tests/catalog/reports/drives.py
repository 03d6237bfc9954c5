"""Drives of a simulated tenant, stored as the product reads them: items, and who may open what is shared."""

from infra.local.sandbox.tenant.libraries import (
    Library,
    of_sites,
    personal,
    site_drives_of,
    site_list_of,
)
from infra.local.sandbox.tenant.model import Tenant
from tests.catalog.reports.simulated import Stored, Told, told

type Pages = dict[str | None, list[Told]]


def keep_drives(held: Stored, tenant: Tenant) -> dict[str, str]:
    """Store users, domains, sites, settings, and all drives with what is in them.

    Return whose each drive is: the id of its user or site by its own.
    """
    held.keep("users", told(tenant, "users"))
    held.keep("domains", tenant.domains())
    held.keep("sites", told(tenant, "sites"))
    held.keep("sharepoint_settings", told(tenant, "sharepoint_settings"))
    drives = personal(tenant).drives
    known = {row["id"]: tenant.people.index(row["id"]) for row in told(tenant, "users")}
    opened = {own: at for own, at in known.items() if at is not None and drives.opened(at)}
    of_users: Pages = {own: [drives.drive(at, {"id": own})] for own, at in opened.items()}
    held.keep_below("user_drives", of_users)
    _keep_items(held, "drive", personal(tenant), of_users)
    listed, libraries = tenant.part(site_list_of), tenant.part(site_drives_of)
    found: Pages = {
        listed.key(site): list(libraries.of(at)) for at, site in enumerate(listed.known)
    }
    held.keep_below("site_drives", found)
    _keep_items(held, "site_drive", of_sites(tenant), found)
    both = (*of_users.items(), *found.items())
    return {one["id"]: str(owner) for owner, drives_of in both for one in drives_of}


def _keep_items(held: Stored, kind: str, library: Library, drives: Pages) -> None:
    above = {one["id"]: f"{own}/{one['id']}" for own, each in drives.items() for one in each}
    pages: Pages = {parent: [] for parent in above.values()}
    for item in library.drives.items.rows(0, len(library.drives.items)):
        pages[above[library.drives.drive_of(item)]].append(item)
    held.keep_below(f"{kind}_items", pages)
    shared = [
        (f"{parent}/{item['id']}", dict(item))
        for parent, page in pages.items()
        for item in page
        if "shared" in item
    ]
    given: Pages = {own: list(library.sharing.of(item)) for own, item in shared}
    held.keep_below(f"{kind}_item_permissions", given)
