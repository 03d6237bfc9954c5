"""Permissions of drive items: links, grants, and what a folder hands down."""

from random import Random

from infra.local.sandbox.areas.drives import (
    READ,
    SERVICE,
    find_drive,
    find_item,
    licence,
    not_permitted,
)
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.drives import SLOTS
from infra.local.sandbox.tenant.libraries import Library, personal, sharing_of

_PERMISSION = plain_type(
    "permission",
    "id expirationDateTime grantedTo grantedToIdentities grantedToIdentitiesV2 grantedToV2 hasPassword "
    "inheritedFrom invitation link roles shareId",
    collections="grantedToIdentities grantedToIdentitiesV2 roles",
)
_UNITS = 5


def _list(call: Call) -> Reply:
    options = read_options(call, _PERMISSION, frozenset({"$select", "$top"}))
    item = find_item(call)
    rows = find_drive(call).library.sharing.of(item)
    fragment = f"drives('{call.args['drive']}')/items('{item['id']}')/permissions"
    return list_reply(
        call, Listed(rows), _PERMISSION, fragment, options=options, paging=Paging(200, 200)
    )


def share(library: Library, changes: Changes, dice: Random) -> str:
    """Somebody shares an item of one of the drives, or takes what was shared back."""
    drives, sharing = library
    first = dice.randrange(drives.count) * SLOTS
    rows = list(drives.items.rows(first + 1, first + SLOTS))
    if not rows:
        return ""
    item = dice.choice(rows)
    sharing.share(item, dice, changes.tenant.clock.now())
    return str(item["id"])


def _share(changes: Changes, dice: Random) -> str:
    """Somebody shares an item of a OneDrive."""
    return share(personal(changes.tenant), changes, dice)


LOGS = {"drive_item_permissions": sharing_of}
LIFE = (Happening("sharing", 0.08, _share),)
_OF = r"/drives/(?P<drive>[^/]+)/"
ROUTES = (
    Route(f"{_OF}items/(?P<item>[^/]+)/permissions", _list, READ, SERVICE, _UNITS,
          licence=licence, refusal=not_permitted),
    Route(f"{_OF}root/permissions", _list, READ, SERVICE, _UNITS, licence=licence, refusal=not_permitted),
)  # fmt: skip
