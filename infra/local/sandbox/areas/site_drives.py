"""Document libraries of sites and what is in them."""

from random import Random

from infra.local.sandbox.areas.drive_item_permissions import share
from infra.local.sandbox.areas.drives import DRIVE, READ, SERVICE, licence, not_permitted, work
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, Paging, list_reply
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection
from infra.local.sandbox.tenant.libraries import (
    of_sites,
    site_drives_of,
    site_list_of,
    site_sharing_of,
)
from infra.local.sandbox.tenant.model import Tenant

_UNITS = 2


def _list(call: Call) -> Reply:
    number = call.tenant.part(site_list_of).number(call.args["site"])
    if number is None:
        raise ApiError(404, "itemNotFound", "Requested site could not be found")
    options = read_options(call, DRIVE, frozenset({"$select", "$top"}))
    rows = Listed(call.tenant.part(site_drives_of).of(number))
    return list_reply(call, rows, DRIVE, "drives", options=options, paging=Paging(200, 200))


def _items_of(tenant: Tenant) -> Collection:
    return tenant.part(site_drives_of).items


def _work(changes: Changes, dice: Random) -> str:
    """Somebody works in a library."""
    return work(changes.tenant.part(site_drives_of), changes, dice)


def _share(changes: Changes, dice: Random) -> str:
    """Somebody shares an item of a library."""
    return share(of_sites(changes.tenant), changes, dice)


COLLECTIONS = {"site_drive_items": _items_of}
LOGS = {"site_drive_item_permissions": site_sharing_of}
LIFE = (Happening("site drive item", 0.08, _work), Happening("site sharing", 0.04, _share))
ROUTES = (
    Route(r"/sites/(?P<site>[^/]+)/drives", _list, READ, SERVICE, _UNITS, licence=licence, refusal=not_permitted),
)  # fmt: skip
