"""The tenant's life: seeded, scripted changes as an organisation makes them."""

import random
from collections.abc import Callable
from typing import Any

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Entity


class Life:
    """Takes steps. The same seed on the same tenant takes the same steps."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._tenant = changes.tenant
        self._dice = random.Random(self._tenant.seed)
        self._gone: list[str] = []
        self._verbs: tuple[tuple[int, str, Callable[[], str]], ...] = (
            (14, "join", self._join),
            (22, "move", self._move),
            (8, "leave", self._leave),
            (4, "restore", self._restore),
            (12, "licence", self._licence),
            (14, "membership", self._membership),
            (6, "policy", self._policy),
            (8, "register", self._register),
            (8, "sign in", self._sign_in),
            (4, "group", self._group),
        )

    def steps(self, count: int, seed: int | None = None) -> list[dict[str, str]]:
        """Take `count` steps and answer what happened: `{"kind", "id", "at"}`."""
        if seed is not None:
            self._dice = random.Random(seed)
        weights = [weight for weight, _name, _verb in self._verbs]
        happened = []
        for _ in range(count):
            _weight, name, verb = self._dice.choices(self._verbs, weights)[0]
            key = verb()
            if key:
                happened.append({"kind": name, "id": key, "at": stamp(self._tenant.clock.now())})
        return happened

    def _user(self) -> Entity:
        users = self._tenant.users
        while True:
            position = self._dice.randrange(len(users))
            for row in users.rows(position, position + 1):
                return row

    def _join(self) -> str:
        return str(self._changes.hire(self._dice.randrange(1 << 30))["id"])

    def _move(self) -> str:
        user = self._user()
        donor = self._tenant.people.make(self._dice.randrange(self._tenant.people.count))
        changes: dict[str, Any] = {
            name: donor[name] for name in ("department", "officeLocation", "city") if name in donor
        }
        if self._dice.random() < 0.3:
            changes["mobilePhone"] = None
        self._changes.patch("users", user["id"], changes or {"accountEnabled": True})
        self._changes.audit(0, user)
        return str(user["id"])

    def _leave(self) -> str:
        user = self._user()
        self._changes.delete("users", user["id"])
        self._gone.append(user["id"])
        return str(user["id"])

    def _restore(self) -> str:
        if not self._gone:
            return ""
        key = self._gone.pop(self._dice.randrange(len(self._gone)))
        self._changes.restore("users", key)
        return key

    def _licence(self) -> str:
        user = self._user()
        self._changes.license(user["id"], self._dice.randrange(1 << 30))
        self._changes.audit(4, user)
        return str(user["id"])

    def _membership(self) -> str:
        memberships, groups = self._tenant.memberships, self._tenant.groups
        position = self._dice.randrange(len(groups))
        for group in groups.rows(position, position + 1):
            members = memberships.members(group["id"])
            if members and self._dice.random() < 0.5:
                member, present = self._dice.choice(members), False
            else:
                member, present = self._user()["id"], True
            memberships.change(group["id"], member, present=present)
            self._changes.audit(2 if present else 3, group)
            return str(group["id"])
        return ""

    def _policy(self) -> str:
        policies = self._tenant.policies
        rows = list(policies.rows(0, len(policies)))
        policy = self._dice.choice(rows)
        states = ("enabled", "disabled", "enabledForReportingButNotEnforced")
        state = self._dice.choice([name for name in states if name != policy["state"]])
        changes = {"state": state, "modifiedDateTime": stamp(self._tenant.clock.now())}
        self._changes.patch("conditional_access_policies", policy["id"], changes)
        self._changes.audit(5, policy)
        return str(policy["id"])

    def _register(self) -> str:
        user = self._user()
        self._changes.register_methods(user["id"], self._dice.randrange(1 << 30))
        self._changes.audit(6, user)
        return str(user["id"])

    def _sign_in(self) -> str:
        user = self._user()
        self._changes.sign_in(user, late_seconds=self._dice.choice((0, 0, 30, 180)))
        return str(user["id"])

    def _group(self) -> str:
        groups = self._tenant.groups
        if self._dice.random() < 0.5:
            return str(self._changes.found_group(self._dice.randrange(1 << 30))["id"])
        position = self._dice.randrange(len(groups))
        for group in groups.rows(position, position + 1):
            if self._dice.random() < 0.4:
                self._changes.delete("groups", group["id"])
            else:
                self._changes.patch("groups", group["id"], {"description": f"renamed {position}"})
            return str(group["id"])
        return ""
