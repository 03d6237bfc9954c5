"""Drives of people: one for each user who ever opened OneDrive; any drive, and items one by one.

Budgets: "Avoid getting throttled or blocked in SharePoint Online"; refusals: issues that quote
them.
"""

from random import Random

from infra.local.sandbox.areas.users import find_user
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import read_select, refuse_options
from infra.local.sandbox.odata.pages import context, project
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.drives import SLOTS, Drives
from infra.local.sandbox.tenant.libraries import Found, drives_of, find
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE = "sharepoint"
DRIVE = plain_type(
    "drive",
    "id createdBy createdDateTime description driveType eTag lastModifiedBy lastModifiedDateTime name "
    "owner parentReference quota sharePointIds system webUrl",
)
ITEM = plain_type(
    "driveItem",
    "id audio bundle cTag createdBy createdDateTime deleted description eTag file fileSystemInfo folder "
    "image lastModifiedBy lastModifiedDateTime location malware name package parentReference "
    "pendingOperations photo publication remoteItem root searchResult shared sharepointIds size "
    "specialFolder video webDavUrl webUrl",
)


def items_of(tenant: Tenant) -> Collection:
    """The items of all drives of people."""
    return tenant.part(drives_of).items


def licence(call: Call) -> None:
    """Raise ApiError 400 in a tenant without SharePoint."""
    if SERVICE in call.tenant.not_bought:
        raise ApiError(400, "BadRequest", "Tenant does not have a SPO license.")


def not_permitted(_call: Call, _permissions: tuple[str, ...]) -> ApiError:
    """How SharePoint refuses an application."""
    return ApiError(403, "accessDenied", "Access denied")


def find_drive(call: Call) -> Found:
    """The drive that the path names; raises ApiError 404, also when the user or site is gone."""
    found = find(call.tenant, call.args["drive"])
    if found is None:
        raise ApiError(404, "itemNotFound", "The resource could not be found.")
    return found


def find_item(call: Call) -> Entity:
    """The item that the path names; raises ApiError 404."""
    (drives, _sharing), index = find_drive(call)
    key = call.args.get("item") or "root"
    item = drives.items.state(drives.item_key(index * SLOTS) if key == "root" else key)
    if item is None or drives.drive_of(item) != call.args["drive"]:
        raise ApiError(404, "itemNotFound", "The resource could not be found.")
    return item


def _shown(call: Call, entity: Entity, kind: EntityType, fragment: str) -> Reply:
    refuse_options(call.query, frozenset({"$select", "$expand"}))
    select = read_select(call.query.get("$select"), kind)
    found = project([entity], kind, select)[0]
    return json_reply({"@odata.context": context(call, f"{fragment}/$entity", select), **found})


def _of_user(call: Call) -> Reply:
    user, drives = find_user(call, call.args["id"]), call.tenant.part(drives_of)
    index = call.tenant.people.index(user["id"])
    if index is None or not drives.opened(index):
        raise ApiError(404, "ResourceNotFound", "User's mysite not found.")
    return _shown(call, drives.drive(index, user), DRIVE, "drives")


def _drive(call: Call) -> Reply:
    (drives, _sharing), index = find_drive(call)
    user = call.tenant.users.state(call.tenant.people.guid(index)) or {}
    return _shown(call, drives.drive(index, user), DRIVE, "drives")


def _item(call: Call) -> Reply:
    return _shown(call, find_item(call), ITEM, f"drives('{call.args['drive']}')/items")


def work(drives: Drives, changes: Changes, dice: Random) -> str:
    """Somebody adds a file to one of the drives, or edits, renames, moves or deletes one."""
    now = stamp(changes.tenant.clock.now())
    first = dice.randrange(drives.count) * SLOTS
    root, *rest = [*drives.items.rows(first, first + SLOTS)] or [{}]
    files = [item for item in rest if "file" in item]
    folders = [item for item in rest if "folder" in item]
    if not files or not folders:
        return ""
    item, draw = dice.choice(files), dice.random()
    edited = {"lastModifiedDateTime": now}
    if draw < 0.2:
        key = f"{dice.getrandbits(100):025X}"
        new = {
            **item,
            **edited,
            "id": f"01{key}",
            "name": f"New {key[:4]}.docx",
            "createdDateTime": now,
        }
        unshared = {name: value for name, value in new.items() if name != "shared"}
        return str(changes.create(drives.items.name, unshared)["id"])
    if draw < 0.35:
        changes.delete(drives.items.name, item["id"])
    elif draw < 0.6:
        home = {**item["parentReference"], "id": dice.choice([root, *folders])["id"]}
        changes.patch(drives.items.name, item["id"], {**edited, "parentReference": home})
    else:
        size = item["size"] + dice.randrange(1, 50_000)
        name = (
            f"{item['name'].split(' rev')[0]} rev{dice.randrange(9)}"
            if draw > 0.85
            else item["name"]
        )
        changes.patch(drives.items.name, item["id"], {**edited, "size": size, "name": name})
    return str(item["id"])


def _work(changes: Changes, dice: Random) -> str:
    """Somebody works in a OneDrive."""
    return work(changes.tenant.part(drives_of), changes, dice)


def _a_minute(users: int) -> int:
    """Resource units a minute of an application in a tenant, by its licences."""
    steps = ((1_000, 1_250), (5_000, 2_500), (15_000, 3_750), (50_000, 5_000))
    return next((units for below, units in steps if users <= below), 6_250)


def _a_day(users: int) -> int:
    steps = ((1_000, 1_200_000), (5_000, 2_400_000), (15_000, 3_600_000), (50_000, 4_800_000))
    return next((units for below, units in steps if users <= below), 6_000_000)


COLLECTIONS = {"drive_items": items_of}
LIFE = (Happening("drive item", 0.15, _work),)
LIMITS = {SERVICE: (Limit(_a_minute, 60.0), Limit(_a_day, 86_400.0))}
PERMISSIONS = {
    "Files.Read.All": "01d4889c-1287-42c6-ac1f-5d1e02578ef6",
    "Sites.Read.All": "332a536c-c7ef-4017-ab91-336970924f0d",
}
READ = tuple(PERMISSIONS)
ROUTES = (
    Route(r"/users/(?P<id>[^/]+)/drive", _of_user, READ, SERVICE, licence=licence, refusal=not_permitted),
    Route(r"/drives/(?P<drive>[^/]+)", _drive, READ, SERVICE, licence=licence, refusal=not_permitted),
    Route(r"/drives/(?P<drive>[^/]+)/root", _item, READ, SERVICE, licence=licence, refusal=not_permitted),
    Route(r"/drives/(?P<drive>[^/]+)/items/(?P<item>[^/]+)", _item, READ, SERVICE,
          licence=licence, refusal=not_permitted),
)  # fmt: skip
