"""Every drive of a tenant and who may open what is in it: those of people, and libraries of sites.

Ask for each by `tenant.part`.
"""

from typing import NamedTuple

from infra.local.sandbox.tenant.collection import Collection
from infra.local.sandbox.tenant.drives import Drives
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.sharing import Sharing
from infra.local.sandbox.tenant.site_drives import SiteDrives
from infra.local.sandbox.tenant.site_list import SiteList


class Library(NamedTuple):
    """Drives of one kind and how their items are shared."""

    drives: Drives
    sharing: Sharing


class Found(NamedTuple):
    """A drive: those it is one of, and its place among them."""

    library: Library
    place: int


def drives_of(tenant: Tenant) -> Drives:
    """The drives of people."""
    people = tenant.people

    def stands(index: int) -> bool:
        return tenant.users.state(people.guid(index)) is not None

    return Drives(tenant.seed, people, tenant.anchor, tenant.timeline, stands, people.count)


def site_list_of(tenant: Tenant) -> SiteList:
    """All sites."""
    return SiteList(tenant, tenant.part(drives_of))


def sites_of(tenant: Tenant) -> Collection:
    """All sites as a collection."""
    return tenant.part(site_list_of).objects


def site_drives_of(tenant: Tenant) -> SiteDrives:
    """The libraries of sites."""
    return SiteDrives(tenant, tenant.part(site_list_of))


def sharing_of(tenant: Tenant) -> Sharing:
    """Who may open the items of people."""
    return Sharing(tenant.seed, tenant.anchor, tenant.part(drives_of))


def site_sharing_of(tenant: Tenant) -> Sharing:
    """Who may open the items of sites."""
    return Sharing(tenant.seed, tenant.anchor, tenant.part(site_drives_of))


def personal(tenant: Tenant) -> Library:
    """The drives of people."""
    return Library(tenant.part(drives_of), tenant.part(sharing_of))


def of_sites(tenant: Tenant) -> Library:
    """The libraries of sites."""
    return Library(tenant.part(site_drives_of), tenant.part(site_sharing_of))


def find(tenant: Tenant, key: str) -> Found | None:
    """The drive with an id; None if there is none, or whose it is is gone."""
    for library in (personal(tenant), of_sites(tenant)):
        index = library.drives.index(key)
        if index is not None:
            return Found(library, index) if library.drives.stands(index) else None
    return None
