"""Permissions of drive items: the owner's, what a folder hands down, links and grants of people.

Shapes: the permission resource page and "List permissions"; a guest is told by the login name of a
SharePoint user.
"""

import base64
from datetime import datetime
from random import Random
from typing import Any
from uuid import uuid4

from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.drives import Drives

_LOGIN = "i:0#.f|membership|"


class Sharing:
    """Who may open what. Seeded permissions are computed; `_changed` has the lists that are no longer so."""

    def __init__(self, seed: int, anchor: int, drives: Drives) -> None:
        self._drives = drives
        self._anchor = anchor
        self._dice = Dice(seed, f"permission of {drives.kind}")
        self._changed: dict[str, list[Entity]] = {}
        self.log: list[tuple[int, str]] = []

    def of(self, item: Entity) -> list[Entity]:
        """The permissions of an item, those of the folder above included."""
        found = [self._owner(item), *self.own(item), *self._handed_down(item)]
        return list({permission["id"]: permission for permission in reversed(found)}.values())[::-1]

    def _handed_down(self, item: Entity) -> list[Entity]:
        home = item["parentReference"].get("id")
        folder = self._drives.items.state(home) if home else None
        if folder is None or "root" in folder:
            return []
        told = {"inheritedFrom": {"driveId": self._drives.drive_of(folder), "id": folder["id"]}}
        return [{**permission, **told} for permission in self.own(folder)]

    def _owner(self, item: Entity) -> Entity:
        index = self._drives.index(self._drives.drive_of(item)) or 0
        group = self._drives.owning_group(index)
        if group is None:
            return self._granted(self._drives.person(index), ["owner"])
        told = {"id": "3", "displayName": group, "loginName": group}
        key = base64.urlsafe_b64encode(group.encode()).decode().rstrip("=")
        return {"id": key, "roles": ["owner"], "grantedToV2": {"siteGroup": told}}

    def _person(self, index: int) -> Entity:
        people = self._drives.people
        roll = people.roll(index)
        upn, display = people.names(index, roll, people.kind(index, roll))
        return {"id": people.guid(index), "displayName": display, "email": upn}

    def _granted(self, user: Entity, roles: list[str]) -> Entity:
        """A direct grant; its id says to whom, so that it is the same on every item."""
        login = f"{_LOGIN}{user['email']}"
        site_user = {
            "id": "9", "displayName": user["displayName"], "email": user["email"], "loginName": login,
        }  # fmt: skip
        return {
            "id": base64.urlsafe_b64encode(login.encode()).decode().rstrip("="),
            "roles": roles,
            "grantedToV2": {"user": user, "siteUser": site_user},
        }

    def _seeded(self, item: Entity) -> list[Entity]:
        position = self._drives.position(item["id"])
        if position is None or not self._drives.is_shared(position):
            return []
        roll = self._dice.roll(position)
        found = [_LINKS[item["shared"]["scope"]](self, position, roll)]
        if roll[0] < 13:
            found.append(self._link(position, 1, roll, "existingAccess", "view"))
        if roll[1] < 60:
            found.append(
                self._granted(self._person(roll[2] % self._drives.people.count), ["write"])
            )
        return found

    def _link(self, position: int, number: int, roll: bytes, scope: str, kind: str) -> Entity:
        shown = f"https://{self._drives.host}/:x:/g/{roll[3:9].hex()}"
        return {
            "id": self._dice.guid(position * 4 + number),
            "roles": ["write"] if kind == "edit" else ["read"],
            "shareId": f"u!{roll[9:21].hex()}",
            "hasPassword": scope == "anonymous" and roll[10] < 30,
            "link": {
                "scope": scope, "type": kind, "webUrl": shown if roll[11] < 120 else None,
                "preventsDownload": kind == "view" and roll[12] < 25,
            },
        }  # fmt: skip

    def _anonymous(self, position: int, roll: bytes) -> Entity:
        link = self._link(position, 0, roll, "anonymous", "edit" if roll[13] < 70 else "view")
        if roll[14] < 120:  # some have expired
            link["expirationDateTime"] = epoch_stamp(self._anchor + (roll[15] - 60) * DAY)
        return link

    def _organization(self, position: int, roll: bytes) -> Entity:
        return self._link(position, 0, roll, "organization", "edit" if roll[13] < 128 else "view")

    def _people(self, position: int, roll: bytes) -> Entity:
        """A link for some people, guests among them; an invitation; a grant to a group."""
        if roll[16] < 40:
            address = f"buyer.{roll[17]}@{names.PARTNERS[roll[18] % len(names.PARTNERS)]}"
            return {
                "id": self._dice.guid(position * 4 + 2),
                "roles": ["read"],
                "invitation": {"email": address, "signInRequired": True},
            }
        if roll[16] < 60:
            group = {"id": self._dice.guid(position * 4 + 3), "displayName": "Project members"}
            return {**self._granted_group(group), "roles": ["write"]}
        link = self._link(position, 0, roll, "users", "edit" if roll[13] < 128 else "view")
        link["grantedToIdentitiesV2"] = [
            {"user": self._person(roll[19] % self._drives.people.count)},
            *([self._guest(roll)] if roll[20] < 90 else []),
        ]
        return link

    def _granted_group(self, group: Entity) -> Entity:
        key = base64.urlsafe_b64encode(
            f"c:0o.c|federateddirectoryclaimprovider|{group['id']}".encode()
        )
        return {"id": key.decode().rstrip("="), "grantedToV2": {"group": group}}

    def _guest(self, roll: bytes) -> Entity:
        outside = f"buyer.{roll[21]}_{names.PARTNERS[roll[22] % len(names.PARTNERS)]}#ext#"
        login = f"{_LOGIN}{outside}@{self._drives.people.initial_domain}"
        return {"siteUser": {"id": "17", "displayName": f"Buyer {roll[21]}", "loginName": login}}

    # ---- changes

    def change(self, item: Entity, permissions: list[Entity], now: datetime) -> Entity:
        """Give an item other permissions of its own; the item as it is then."""
        self._changed[item["id"]] = permissions
        index = self._drives.index(self._drives.drive_of(item)) or 0
        person = {"user": self._drives.person(index)}
        facet = {
            "scope": next((p["link"]["scope"] for p in permissions if "link" in p), "users"),
            "sharedDateTime": item.get("shared", {}).get("sharedDateTime", stamp(now)),
            "owner": person, "sharedBy": person,
        }  # fmt: skip
        changed = {name: value for name, value in item.items() if name != "shared"}
        if permissions:
            changed["shared"] = facet
        self.log.append((self._drives.items.put(item["id"], changed), item["id"]))
        return changed

    def own(self, item: Entity) -> list[Entity]:
        """The permissions that an item has of its own, beside the owner's."""
        found = self._changed.get(item["id"])
        return self._seeded(item) if found is None else found

    def share(self, item: Entity, dice: Random, now: datetime) -> None:
        """Somebody shares an item by a link, or takes every share back."""
        own = self.own(item)
        if own and dice.random() < 0.4:
            self.change(item, [], now)
            return
        roll = dice.randbytes(48)
        link = self._link(0, 0, roll, dice.choice(("anonymous", "organization", "users")), "view")
        self.change(
            item,
            [*own, {**link, "id": str(self._dice.guid(roll[0] << 24 | roll[1] << 16 | roll[2]))}],
            now,
        )

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """Give a permission to the item `itemId`, change the one with its `id`, or take it (`removed`).

        Raises KeyError for an item that is not there, ValueError for `age` and `twice`.
        """
        if age or twice:
            raise ValueError("a permission is as it is now, and listed once")
        item = self._drives.items.state(event["itemId"])
        if item is None:
            raise KeyError(event["itemId"])
        own = self.own(item)
        known: dict[str, Any] = next((p for p in own if p["id"] == event.get("id")), {})
        facts = {name: value for name, value in event.items() if name not in ("itemId", "removed")}
        told = {"id": str(uuid4()), "roles": ["read"], **known, **facts}
        others = [permission for permission in own if permission["id"] != told["id"]]
        self.change(item, others if event.get("removed") else [*others, told], now)
        return told

    def told(self, _now: datetime) -> dict[str, Entity]:
        """Every permission there is, by `itemId/id`."""
        items = self._drives.items
        return {
            f"{item['id']}/{permission['id']}": permission
            for item in items.rows(0, len(items))
            for permission in self.of(item)
        }

    def changed(self, key: str, since: int, until: int) -> bool:
        """Whether the permissions of an item changed after a sequence number, up to another."""
        return any(since < sequence <= until and key == item for sequence, item in self.log)


_LINKS = {
    "anonymous": Sharing._anonymous,
    "organization": Sharing._organization,
    "users": Sharing._people,
}
