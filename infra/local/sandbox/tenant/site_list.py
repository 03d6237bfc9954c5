"""Sites as Graph lists them: those of teams and of the organization, then the personal one of each OneDrive."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.drives import Drives
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.sites import Site, site_dice, sites


class SiteList:
    """Makes the sites of a tenant; `objects` keeps the changes. An id is `host,site,web`."""

    def __init__(self, tenant: Tenant, drives: Drives) -> None:
        self._tenant = tenant
        self._drives = drives
        self._dice = site_dice(tenant)
        self.known = tenant.part(sites)
        self.host = drives.host.replace("-my.", ".")
        size = len(self.known) + drives.count
        self.objects = Collection("sites", tenant.timeline, size, self._make, self._position)

    def key(self, site: Site) -> str:
        """Id of a site that is nobody's own."""
        return f"{self.host},{site.id},{site.web}"

    def number(self, key: str) -> int | None:
        """Which of the sites that are nobody's own an id names, if it is there."""
        found = self._position(key)
        if found is None or found >= len(self.known) or self.objects.state(key) is None:
            return None
        return found

    def _position(self, key: str) -> int | None:
        site = key.split(",")[1] if key.count(",") == 2 else ""
        index = self._dice.index(site)
        if index is not None and index < len(self.known):
            return index if self.key(self.known[index]) == key else None
        holder = self._drives.holder(site)
        return None if holder is None else len(self.known) + holder

    def _make(self, position: int) -> Entity | None:
        if position < len(self.known):
            return self._of_all(self.known[position])
        holder = position - len(self.known)
        return self._personal(holder) if self._drives.opened(holder) else None

    def _of_all(self, site: Site) -> Entity:
        made = self._tenant.anchor - (40 + site.roll[14] * 4) * DAY
        return {
            "id": self.key(site),
            "name": site.name,
            "displayName": site.title,
            "webUrl": site.address,
            "isPersonalSite": False,
            "createdDateTime": epoch_stamp(made),
            "lastModifiedDateTime": epoch_stamp(self._tenant.anchor - site.roll[8] * 3_600),
            "siteCollection": {"hostname": self.host},
        }

    def _personal(self, holder: int) -> Entity:
        drives, person = self._drives, self._drives.person(holder)
        site, web = drives.site(holder)
        url = drives.site_url(holder)
        drive = drives.drive(holder, person)
        return {
            "id": f"{drives.host},{site},{web}",
            "name": url.rsplit("/", 1)[1],
            "displayName": person["displayName"],
            "webUrl": url,
            "isPersonalSite": True,
            "createdDateTime": drive["createdDateTime"],
            "lastModifiedDateTime": drive["lastModifiedDateTime"],
            "siteCollection": {"hostname": drives.host},
        }
