"""The tenant's life: seeded, scripted changes as an organisation makes them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.scan import declared
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.health import CURRENT_ISSUES

_STATES = ("enabled", "disabled", "enabledForReportingButNotEnforced")


@dataclass(frozen=True, slots=True)
class Happening:
    """What an area lets happen beside a step in `share` of all steps.

    `happen` changes the tenant and answers the id of what changed, '' if nothing did.
    """

    kind: str
    share: float
    happen: Callable[[Changes, random.Random], str]


class Life:
    """Takes steps. The same seed on the same tenant takes the same steps."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._tenant = changes.tenant
        self._dice = random.Random(self._tenant.seed)
        self._gone: list[tuple[str, str]] = []
        self._verbs: tuple[tuple[int, str, Callable[[], str]], ...] = (
            (14, "join", self._join),
            (20, "move", self._move),
            (8, "leave", self._leave),
            (5, "restore", self._restore),
            (2, "purge", self._purge),
            (12, "licence", self._licence),
            (14, "membership", self._membership),
            (5, "policy", self._policy),
            (3, "location", self._location),
            (4, "role", self._role),
            (8, "register", self._register),
            (8, "sign in", self._sign_in),
            (6, "group", self._group),
            (2, "issue", self._issue),
        )
        # Areas live on dice of their own, beside: the steps above stay what a seed always made them.
        self._beside = random.Random(f"{self._tenant.seed}/areas")
        self._areas: tuple[Happening, ...] = tuple(declared("LIFE"))

    def steps(self, count: int, seed: int | None = None) -> list[dict[str, str]]:
        """Take `count` steps and answer what happened: `{"kind", "id", "at"}`."""
        if seed is not None:
            self._dice = random.Random(seed)
            self._beside = random.Random(f"{seed}/areas")
        weights = [weight for weight, _name, _verb in self._verbs]
        happened = []
        for _ in range(count):
            _weight, name, verb = self._dice.choices(self._verbs, weights)[0]
            key = verb()
            if key:
                happened.append({"kind": name, "id": key, "at": stamp(self._tenant.clock.now())})
            happened += self._happen_beside()
        return happened

    def _happen_beside(self) -> list[dict[str, str]]:
        """What an area adds to a step."""
        happened = []
        for event in self._areas:
            if self._beside.random() < event.share:
                key = event.happen(self._changes, self._beside)
                if key:
                    at = stamp(self._tenant.clock.now())
                    happened.append({"kind": event.kind, "id": key, "at": at})
        return happened

    def _one_of(self, collection: Collection) -> Entity:
        """A living object."""
        while True:
            position = self._dice.randrange(len(collection))
            for row in collection.rows(position, position + 1):
                return row

    def _user(self) -> Entity:
        return self._one_of(self._tenant.users)

    def _chance(self) -> int:
        return self._dice.randrange(1 << 30)

    def _remove(self, collection: str, key: str) -> None:
        self._changes.delete(collection, key)
        self._gone.append((collection, key))

    # ---- people

    def _join(self) -> str:
        return str(self._changes.hire(self._chance())["id"])

    def _move(self) -> str:
        """Another department, now and then another name, a blocked account, a phone given back."""
        user = self._user()
        donor = self._tenant.people.make(self._dice.randrange(self._tenant.people.count))
        changes: dict[str, Any] = {
            name: donor[name] for name in ("department", "officeLocation", "city") if name in donor
        }
        if self._dice.random() < 0.3:
            changes["mobilePhone"] = None
        if self._dice.random() < 0.2 and "surname" in user and "surname" in donor:
            changes["surname"] = donor["surname"]
            changes["displayName"] = f"{donor['surname']} {user.get('givenName', '')}".strip()
        if self._dice.random() < 0.1:
            changes["accountEnabled"] = not user["accountEnabled"]
        changes = changes or {"accountEnabled": not user["accountEnabled"]}
        self._changes.patch("users", user["id"], changes)
        return str(user["id"])

    def _leave(self) -> str:
        key = str(self._user()["id"])
        self._remove("users", key)
        return key

    def _restore(self) -> str:
        collection, key = self._take_deleted()
        if key:
            self._changes.restore(collection, key)
        return key

    def _purge(self) -> str:
        collection, key = self._take_deleted()
        if key:
            self._changes.delete(collection, key, final=True)
        return key

    def _take_deleted(self) -> tuple[str, str]:
        """Collection and id of something in the recycle bin; others may have emptied it."""
        held = self._tenant.collections
        self._gone = [
            (name, key)
            for name, key in self._gone
            if held[name].gone(key) and held[name].reason(key) == "changed"
        ]
        if not self._gone:
            return "", ""
        return self._gone.pop(self._dice.randrange(len(self._gone)))

    def _licence(self) -> str:
        return str(self._changes.license(self._user()["id"], self._chance())["id"])

    def _register(self) -> str:
        key = str(self._user()["id"])
        self._changes.register_methods(key, self._chance())
        return key

    def _sign_in(self) -> str:
        user = self._user()
        self._changes.sign_in(user, late_seconds=self._dice.choice((0, 0, 30, 180)))
        return str(user["id"])

    # ---- groups

    def _membership(self) -> str:
        """Somebody enters or leaves a group; one newcomer in ten is a group itself."""
        group = str(self._one_of(self._tenant.groups)["id"])
        members = self._tenant.memberships.members(group)
        if members and self._dice.random() < 0.5:
            self._changes.member(group, self._dice.choice(members), present=False)
            return group
        nested = self._dice.random() < 0.1
        newcomer = str((self._one_of(self._tenant.groups) if nested else self._user())["id"])
        if newcomer == group:
            return ""
        self._changes.member(group, newcomer, present=True)
        return group

    def _group(self) -> str:
        """A group is founded, renamed or deleted."""
        draw = self._dice.random()
        if draw < 0.4:
            return str(self._changes.found_group(self._chance())["id"])
        group = self._one_of(self._tenant.groups)
        if draw < 0.65:
            self._remove("groups", group["id"])
        else:
            project = self._dice.choice(names.PROJECTS)
            name = f"{group['displayName'].split(' - ')[0]} - {project}"
            self._changes.patch("groups", group["id"], {"displayName": name})
        return str(group["id"])

    # ---- policies, roles, health

    def _policy(self) -> str:
        return self._change_listed("conditional_access_policies", self._other_state)

    def _other_state(self, policy: Entity) -> Entity:
        return {"state": self._dice.choice([name for name in _STATES if name != policy["state"]])}

    def _location(self) -> str:
        return self._change_listed("named_locations", self._other_places)

    def _other_places(self, location: Entity) -> Entity:
        if "isTrusted" in location:
            return {"isTrusted": not location["isTrusted"]}
        codes = location["countriesAndRegions"]
        return {"countriesAndRegions": codes[:-1] if len(codes) > 1 else [*codes, "BR"]}

    def _change_listed(self, collection: str, change: Callable[[Entity], Entity]) -> str:
        """Mostly edit an object; now and then add a copy or delete one of several."""
        held = self._tenant.collections[collection]
        item, draw = self._one_of(held), self._dice.random()
        moment = stamp(self._tenant.clock.now())
        if draw < 0.15:
            copy = {
                **item,
                "id": self._new_id(),
                "displayName": f"{item['displayName']} (copy)",
                "createdDateTime": moment,
                "modifiedDateTime": None,
            }
            return str(self._changes.create(collection, copy)["id"])
        if draw < 0.25 and sum(1 for _row in held.rows(0, len(held))) > 2:
            self._changes.delete(collection, item["id"])
        else:
            self._changes.patch(
                collection, item["id"], {**change(item), "modifiedDateTime": moment}
            )
        return str(item["id"])

    def _new_id(self) -> str:
        text = f"{self._dice.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def _role(self) -> str:
        """A role is activated for somebody, or an assignment ends."""
        held = self._tenant.role_assignments
        standing = list(held.rows(0, len(held)))
        if self._dice.random() < 0.4 and len(standing) > 2:
            assignment = self._dice.choice(standing)
            self._changes.delete("role_assignments", assignment["id"])
            return str(assignment["id"])
        who, role = self._user()["id"], self._one_of(self._tenant.role_definitions)["id"]
        if any((row["principalId"], row["roleDefinitionId"]) == (who, role) for row in standing):
            return ""  # Entra refuses the same assignment twice
        assignment = {
            "id": f"{self._new_id().replace('-', '')[:22]}-1",
            "principalId": who,
            "roleDefinitionId": role,
            "directoryScopeId": "/",
            "appScopeId": None,
            "condition": None,
        }
        return str(self._changes.create("role_assignments", assignment)["id"])

    def _issue(self) -> str:
        """A service issue is resolved, or breaks out again."""
        at = self._dice.randrange(CURRENT_ISSUES)
        issue = next(self._tenant.issues.rows(at, at + 1), None)
        if issue is None:
            return ""
        moment, open_again = stamp(self._tenant.clock.now()), issue["isResolved"]
        self._changes.patch(
            "issues",
            issue["id"],
            {
                "isResolved": not open_again,
                "status": "serviceDegradation" if open_again else "serviceRestored",
                "endDateTime": None if open_again else moment,
                "lastModifiedDateTime": moment,
            },
        )
        return str(issue["id"])
