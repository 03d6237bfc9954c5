"""Document libraries of sites: one or two for each site that is nobody's own."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.drives import Drives
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.people import Kind
from infra.local.sandbox.tenant.site_list import SiteList
from infra.local.sandbox.tenant.sites import ALLOCATED, Site

LIBRARIES = 2  # places for libraries of a site; the first is always there
_SECOND = 64  # of 256 sites have the second one
_NAMES = ("Documents", "契約書")


class SiteDrives(Drives):
    """Makes the libraries of the `sites` of a tenant and what is in them."""

    kind, drive_type, root_name = "site drive", "documentLibrary", "Shared Documents"

    def __init__(self, tenant: Tenant, listed: SiteList) -> None:
        self._sites = listed.known
        keys = list(map(listed.key, listed.known))

        def stands(index: int) -> bool:
            return listed.objects.state(keys[index // LIBRARIES]) is not None

        places = len(keys) * LIBRARIES
        super().__init__(tenant.seed, tenant.people, tenant.anchor, tenant.timeline, stands, places)
        self.host = listed.host

    def opened(self, index: int) -> bool:
        """Whether there is such a library."""
        return index % LIBRARIES == 0 or self._dice.roll(index)[0] < _SECOND

    def of(self, site: int) -> list[Entity]:
        """The libraries of a site, as `sites/{id}/drives` lists them."""
        places = range(site * LIBRARIES, (site + 1) * LIBRARIES)
        return [self.drive(index, self.person(index)) for index in places if self.opened(index)]

    def drive(self, index: int, user: Entity) -> Entity:
        """The library at an index."""
        roll, (site, web) = self._dice.roll(index), self.site(index)
        used = self._of(index).used // (1 + index % LIBRARIES)
        owner = {"group": {"displayName": f"{self._of(index).title} Owners"}}
        return {
            "id": self.key(index),
            "driveType": self.drive_type,
            "name": _NAMES[index % LIBRARIES],
            "description": "",
            "webUrl": self.web_url(index),
            "createdDateTime": epoch_stamp(self._anchor - (30 + roll[7]) * DAY),
            "lastModifiedDateTime": epoch_stamp(self._anchor - roll[8] * 3_600),
            "createdBy": {"user": {"displayName": "System Account"}},
            "lastModifiedBy": {"user": user},
            "owner": owner,
            "quota": {
                "total": ALLOCATED, "used": used, "deleted": roll[6] * 1_000_000,
                "remaining": ALLOCATED - used, "state": "normal",
            },
            "sharePointIds": {
                "siteId": site, "siteUrl": self.site_url(index), "webId": web,
                "listId": self._dice.guid(index + 2_500_000_000),
            },
        }  # fmt: skip

    def site(self, index: int) -> tuple[str, str]:
        """Ids of the site that a library lies in, and of its web."""
        return self._of(index).id, self._of(index).web

    def site_url(self, index: int) -> str:
        """Address of the site that a library lies in."""
        return self._of(index).address

    def person(self, index: int) -> Entity:
        """Who makes the items of a library: somebody of the tenant."""
        people = self.people
        first = self._of(index).owner or 0
        places = ((first + index + step) % people.count for step in range(people.count))
        found = next(place for place in places if people.kind(place) is Kind.MEMBER)
        roll = people.roll(found)
        upn, display = people.names(found, roll, people.kind(found, roll))
        return {"id": people.guid(found), "displayName": display, "email": upn}

    def owning_group(self, index: int) -> str:
        """The owners of the site."""
        return f"{self._of(index).title} Owners"

    def _of(self, index: int) -> Site:
        return self._sites[index // LIBRARIES]
