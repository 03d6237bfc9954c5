"""Drives: their files and folders, and which of them are shared; those of people, one for each.

A drive, an item and a permission are computed from the index of whose it is and a number; ids can be
read back.
"""

from collections.abc import Callable
from hashlib import blake2b
from urllib.parse import quote

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.people import People
from infra.local.sandbox.tenant.timeline import Timeline

GIB = 1 << 30
_SITES, _WEBS = 1_500_000_000, 2_000_000_000
SLOTS = 32  # places for items of a drive; the root is number 0
_SHARING_DRIVES = 16  # so many share much
_FOLDERS = ("ドキュメント", "Projects", "写真")
_FILES = (
    ("見積書_{}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("Minutes {}.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (
        "設計資料 {}.pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    ("scan{}.pdf", "application/pdf"),
    ("IMG_{}.jpg", "image/jpeg"),
    ("export {}.csv", "text/csv"),
    ("~$draft {}.docx", "application/octet-stream"),
)
_OFFICE = (".xlsx", ".docx", ".pptx")
_DEEP = "フォルダーの中のフォルダー"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TAIL = 20
_BACK = {letter: value for value, letter in enumerate(_LETTERS)}


def _spelled(number: int, width: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(width)))


def _read(text: str) -> int | None:
    number = 0
    for letter in text:
        if letter not in _BACK:
            return None
        number = number << 5 | _BACK[letter]
    return number


class Drives:
    """Makes drives and their items; `items` keeps the changes, across all drives.

    `stands` tells whether there still is whose drive an index stands for; there are `count` of them.
    `kind` tells these drives from others, in their ids and in the name of their items.
    """

    kind, drive_type, root_name = "drive", "business", "Documents"

    def __init__(
        self,
        seed: int,
        people: People,
        anchor: int,
        timeline: Timeline,
        stands: Callable[[int], bool],
        count: int,
    ) -> None:
        self.people = people
        self.stands = stands
        self.count = count
        self._anchor = anchor
        self._dice = Dice(seed, self.kind)
        self._item_dice = Dice(seed, f"{self.kind} item")
        self._key = f"{seed}/{self.kind} item".encode()
        self._opened: dict[int, bool] = {}
        tenant = people.initial_domain.split(".")[0]
        self.host = f"{tenant}-my.sharepoint.com"
        name = f"{self.kind.replace(' ', '_')}_items"
        self.items = Collection(name, timeline, count * SLOTS, self._make, self.position)

    # ---- drives

    def opened(self, index: int) -> bool:
        """Whether a user has OneDrive and ever opened it; one in twelve never did."""
        if index in self._opened:
            return self._opened[index]
        roll = self.people.roll(index)
        plans = {plan for part in self.people.parts(index, roll) for plan in PRODUCTS[part][1]}
        licensed = any(plan.startswith("SHAREPOINT") for plan in plans)
        self._opened[index] = licensed and self._dice.roll(index)[0] >= 21
        return self._opened[index]

    def key(self, index: int) -> str:
        """Id of the drive of a user."""
        return f"b!{self._dice.guid(index).replace('-', '')}{self._dice.roll(index)[:15].hex()}"

    def index(self, key: str) -> int | None:
        """The user behind the id of a drive that exists."""
        text = key[2:34]
        guid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
        found = self._dice.index(guid)
        if found is None or found >= self.count or self.key(found) != key:
            return None
        return found if self.opened(found) else None

    def twice(self, index: int, share: int) -> bool:
        """Whether a drive is one of `share` in 256."""
        return self._dice.roll(index)[10] < share

    def drive(self, index: int, user: Entity) -> Entity:
        """The drive of a user, as `users/{id}/drive` answers it; `user` as he is now."""
        roll = self._dice.roll(index)
        total = (5 if roll[1] < 20 else 1) * 1024 * GIB
        share = (roll[2] * roll[3]) / 65_025 if roll[4] > 6 else 0.86 + roll[5] / 1_700
        used, deleted = int(total * share), roll[6] * 1_000_000
        owner = {
            "user": {
                "id": user["id"],
                "displayName": user.get("displayName"),
                "email": user.get("mail"),
            }
        }
        site, web = self.site(index)
        return {
            "id": self.key(index),
            "driveType": self.drive_type,
            "name": "OneDrive",
            "description": "",
            "webUrl": self.web_url(index),
            "createdDateTime": epoch_stamp(self._anchor - (30 + roll[7]) * DAY),
            "lastModifiedDateTime": epoch_stamp(self._anchor - roll[8] * 3_600),
            "createdBy": {"user": {"displayName": "System Account"}},
            "lastModifiedBy": owner,
            "owner": owner,
            "quota": {
                "total": total, "used": used, "deleted": deleted, "remaining": max(0, total - used),
                "state": _fullness(share),
            },
            "sharePointIds": {
                "siteId": site, "siteUrl": self.site_url(index), "webId": web,
                "listId": self._dice.guid(index + 2_500_000_000),
            },
        }  # fmt: skip

    def site(self, index: int) -> tuple[str, str]:
        """Ids of the site that a drive lies in, and of its web."""
        return self._dice.guid(index + _SITES), self._dice.guid(index + _WEBS)

    def holder(self, site: str) -> int | None:
        """The index behind the id of such a site, if the drive was ever opened."""
        found = self._dice.index(site)
        index = None if found is None else found - _SITES
        return (
            index if index is not None and 0 <= index < self.count and self.opened(index) else None
        )

    def site_url(self, index: int) -> str:
        """Address of the site that a drive lies in."""
        roll = self.people.roll(index)
        upn = self.people.names(index, roll, self.people.kind(index, roll))[0]
        return f"https://{self.host}/personal/{upn.replace('@', '_').replace('.', '_')}"

    def web_url(self, index: int) -> str:
        """Address of a drive."""
        return f"{self.site_url(index)}/{quote(self.root_name)}"

    def owning_group(self, _index: int) -> str | None:
        """The SharePoint group that owns a drive; None if a person does."""
        return None

    # ---- items

    def item_key(self, position: int) -> str:
        """Id of the item at a position of all items: `01`, what names it, and letters that vary."""
        named = _spelled(position, 7)
        tail = blake2b(named.encode(), digest_size=_TAIL, key=self._key).digest()
        return f"01{named}{''.join(_LETTERS[byte & 31] for byte in tail)}"

    def position(self, key: str) -> int | None:
        """The position behind an id, None for a foreign one."""
        found = _read(key[2:9]) if len(key) == 9 + _TAIL else None
        return found if found is not None and self.item_key(found) == key else None

    def drive_of(self, item: Entity) -> str:
        """Id of the drive that an item lies in."""
        return str(item["parentReference"]["driveId"])

    def _make(self, position: int) -> Entity | None:
        """The seeded item at a position; None where the drive has none."""
        index, number = divmod(position, SLOTS)
        number_of = 6 + self._dice.roll(index)[9] % (SLOTS - 6)
        if number >= number_of or not self.opened(index):
            return None
        return self._root(index, number_of) if number == 0 else self._item(index, number)

    def _root(self, index: int, number_of: int) -> Entity:
        made = epoch_stamp(self._anchor - (30 + self._dice.roll(index)[7]) * DAY)
        return {
            "id": self.item_key(index * SLOTS),
            "name": "root",
            "size": number_of * 1_000_000,
            "webUrl": self.web_url(index),
            "createdDateTime": made,
            "lastModifiedDateTime": epoch_stamp(self._anchor - self._dice.roll(index)[8] * 3_600),
            "parentReference": {"driveType": self.drive_type, "driveId": self.key(index)},
            "folder": {"childCount": len(_FOLDERS) + 1},
            "root": {},
        }

    def _item(self, index: int, number: int) -> Entity:
        position, roll = index * SLOTS + number, self._item_dice.roll(index * SLOTS + number)
        folder = number <= len(_FOLDERS)
        home = index * SLOTS + (0 if folder else roll[0] % (len(_FOLDERS) + 1))
        pattern, mime = _FILES[roll[1] % len(_FILES)]
        name = _FOLDERS[number - 1] if folder else pattern.format(number)
        made = self._anchor - (1 + roll[2] * 2) * DAY - roll[3] * 60
        owner = self.person(index)
        kind: Entity = (
            {"folder": {"childCount": roll[4] % 9}} if folder else {"file": {"mimeType": mime}}
        )
        shared = {"shared": self.shared(index, position)} if self.is_shared(position) else {}
        return {
            "id": self.item_key(position),
            "name": name,
            "size": 0 if folder else 500 + (roll[5] << 16 | roll[6] << 8 | roll[7]) * (8 if roll[8] < 16 else 1),
            "webUrl": None if roll[9] < 3 else self._address(index, number, name, roll),
            "createdDateTime": epoch_stamp(made),
            "lastModifiedDateTime": epoch_stamp(made + roll[10] * 300),
            "createdBy": {"user": owner},
            "lastModifiedBy": {"user": owner},
            "parentReference": {
                "driveType": self.drive_type, "driveId": self.key(index), "id": self.item_key(home),
            },
            **kind,
            **shared,
        }  # fmt: skip

    def _address(self, index: int, number: int, name: str, roll: bytes) -> str:
        """Where an item is opened: documents of Office in the browser, all else by its path.

        One in a hundred lies so deep that no computer can keep it.
        """
        if name.endswith(_OFFICE):
            item = self._item_dice.guid(index * SLOTS + number).upper()
            query = f"sourcedoc=%7B{item}%7D&file={quote(name)}&action=default&mobileredirect=true"
            return f"{self.site_url(index)}/_layouts/15/Doc.aspx?{query}"
        depth = [_DEEP] * 30 if roll[13] < 3 else [str(number)]
        return "/".join((self.web_url(index), *map(quote, (*depth, name))))

    def person(self, index: int) -> Entity:
        """Who makes the items of a drive: its owner."""
        roll = self.people.roll(index)
        upn, display = self.people.names(index, roll, self.people.kind(index, roll))
        return {"id": self.people.guid(index), "displayName": display, "email": upn}

    # ---- who may open them

    def is_shared(self, position: int) -> bool:
        """Whether a seeded item is shared: a quarter of them in the first drives, else one in thirty-two;
        never the root."""
        share = 64 if position < _SHARING_DRIVES * SLOTS else 8
        return position % SLOTS > 0 and self._item_dice.roll(position)[11] < share

    def shared(self, index: int, position: int) -> Entity:
        """The `shared` facet of an item."""
        roll = self._item_dice.roll(position)
        owner = {"user": self.person(index)}
        since = self._anchor - (roll[2] // 3) * DAY
        scope = ("users", "users", "organization", "anonymous")[roll[12] % 4]
        return {
            "scope": scope, "sharedDateTime": epoch_stamp(since), "owner": owner, "sharedBy": owner,
        }  # fmt: skip


def _fullness(share: float) -> str:
    """The word for how much of a drive is used."""
    if share >= 1:
        return "exceeded"
    if share > 0.95:
        return "critical"
    return "nearing" if share > 0.85 else "normal"
