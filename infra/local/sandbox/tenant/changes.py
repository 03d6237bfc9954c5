"""Changes to a tenant that keep its collections consistent with each other."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.apps import App, first_app
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.licences import BUNDLES
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.registrations import METHOD_SETS, registration


class Changes:
    """What administrators and users do to one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._left: dict[str, list[str]] = {}
        self._events = 0

    def _now(self) -> str:
        return stamp(self.tenant.clock.now())

    # ---- any collection

    def create(self, collection: str, item: Entity) -> Entity:
        """Add an object; it needs an `id` that is not in use."""
        held = self.tenant.collections[collection]
        key = str(item["id"])
        if held.state(key) is not None:
            raise ValueError(f"{key} exists already")
        held.put(key, item)
        return item

    def patch(self, collection: str, key: str, changes: dict[str, Any]) -> Entity:
        """Change properties of an object; a value of None stores an explicit null."""
        held = self.tenant.collections[collection]
        state = held.state(key)
        if state is None:
            raise KeyError(key)
        changed = {**state, **changes}
        held.put(key, changed)
        return changed

    def delete(self, collection: str, key: str, *, final: bool = False) -> None:
        """Delete an object; users and groups go to the recycle bin unless `final`."""
        held = self.tenant.collections[collection]
        if held.state(key) is None and not final:
            raise KeyError(key)
        if collection == "users":
            self._forget_user(key)
        soft = collection in ("users", "groups") and not final
        held.put(key, None, "changed" if soft else "deleted")

    def restore(self, collection: str, key: str) -> Entity:
        """Bring a soft-deleted object back as it was, memberships included."""
        held = self.tenant.collections[collection]
        if held.state(key) is not None or held.reason(key) != "changed":
            raise KeyError(key)
        before = held.before_deletion(key)
        held.put(key, before)
        if collection == "users":
            for group in self._left.pop(key, ()):
                self.tenant.memberships.change(group, key, present=True)
            self._register(before, (), "none")
        return before

    def _forget_user(self, key: str) -> None:
        tenant = self.tenant
        homes = tenant.memberships.groups_of(key)
        if homes:
            self._left[key] = homes
        for group in homes:
            tenant.memberships.change(group, key, present=False)
        for row in list(tenant.role_assignments.rows(0, len(tenant.role_assignments))):
            if row["principalId"] == key:
                tenant.role_assignments.put(row["id"], None, "deleted")
        if tenant.registrations.state(key) is not None:
            tenant.registrations.put(key, None, "deleted")

    # ---- people

    def hire(self, chance: int) -> Entity:
        """A new account with its first groups; `chance` picks the team it joins."""
        tenant = self.tenant
        user = tenant.people.make(len(tenant.users))
        for name in (
            "createdDateTime",
            "lastPasswordChangeDateTime",
            "signInSessionsValidFromDateTime",
        ):
            if name in user:
                user[name] = self._now()
        tenant.users.put(user["id"], user)
        groups = tenant.groups_made
        for index in (chance % groups.teams, groups.first_office + chance % len(names.OFFICES)):
            if tenant.groups.state(groups.guid(index)) is not None:
                tenant.memberships.change(groups.guid(index), user["id"], present=True)
        self._register(user, (), "none")
        self.audit(1, user)
        return user

    def license(self, key: str, chance: int) -> Entity:
        """Give a user another licence bundle."""
        holdings = self.tenant.people.holdings
        return self.patch("users", key, dict(holdings.bundles[chance % len(BUNDLES)]))

    def register_methods(self, key: str, chance: int) -> None:
        """A user registers (or loses) authentication methods."""
        user = self.tenant.users.state(key)
        if user is None:
            raise KeyError(key)
        _share, methods, preferred = METHOD_SETS[chance % len(METHOD_SETS)]
        self._register(user, methods, preferred)

    def _register(self, user: Entity, methods: tuple[str, ...], preferred: str) -> None:
        held = self.tenant.registrations.state(user["id"])
        admin = bool(held and held["isAdmin"])
        row = registration(user, list(methods), preferred, admin=admin, updated=self._now())
        self.tenant.registrations.put(user["id"], row)

    def found_group(self, chance: int) -> Entity:
        """A new security group without members."""
        groups = self.tenant.groups_made
        number = len(self.tenant.groups)
        group: Entity = {
            "id": groups.guid(number),
            "displayName": f"Task force {names.PROJECTS[chance % len(names.PROJECTS)]} {number}",
            "createdDateTime": self._now(),
            "renewedDateTime": self._now(),
            "securityEnabled": True,
            "mailEnabled": False,
            "mailNickname": f"group{number}",
            "groupTypes": [],
        }
        self.tenant.groups.put(group["id"], group)
        return group

    # ---- what the logs say

    def sign_in(self, user: Entity, late_seconds: int = 0) -> Entity:
        """A sign-in of `user`, `late_seconds` ago: events do not arrive in order."""
        tenant = self.tenant
        self._events += 1
        moment = (tenant.clock.now() - timedelta(seconds=late_seconds)).timestamp()
        event = tenant.sign_ins.make(1_000_000_000 + self._events, moment, user)
        tenant.sign_ins.log.append(event)
        if event["status"]["errorCode"] == 0:
            held = tenant.activity.state(user["id"]) or {}
            seen = {
                **(held.get("signInActivity") or {}),
                "lastSignInDateTime": event["createdDateTime"],
                "lastSignInRequestId": event["id"],
            }
            tenant.activity.put(user["id"], {"id": user["id"], "signInActivity": seen})
        return event

    def audit(self, activity: int, target: Entity) -> Entity:
        """A directory audit about `target`; `activity` indexes the known activities."""
        self._events += 1
        moment = self.tenant.clock.now().timestamp()
        event = self.tenant.audits.make(1_000_000_000 + self._events, moment, activity, target)
        self.tenant.audits.log.append(event)
        return event

    def register_app(self, app_id: str | None = None) -> App:
        """A further application without any permission."""
        app = first_app(self.tenant.seed, start=10 * len(self.tenant.apps))
        app.permissions, app.roles = [], {}
        if app_id:
            app.app_id = str(UUID(app_id))
        self.tenant.apps[app.app_id] = app
        return app
