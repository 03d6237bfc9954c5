"""Changes to a tenant that keep its collections consistent, each with the audit that Entra writes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.applications import applications
from infra.local.sandbox.tenant.apps import App, first_app
from infra.local.sandbox.tenant.audits import target
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.licences import BUNDLES
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.registrations import METHOD_SETS, registration

_SOFT = ("users", "groups")
# collection: what audits call one of its objects, and its kind of target
_AUDITED = {
    "users": ("user", "User"),
    "groups": ("group", "Group"),
    "conditional_access_policies": ("conditional access policy", "Policy"),
    "named_locations": ("named location", "Policy"),
}


class Changes:
    """What administrators and users do to one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._left: dict[str, list[str]] = {}
        self._sign_ins = 0

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
        self._audit(collection, "Add {}", item)
        if collection == "role_assignments":
            self._audit_role("Add member to role", item)
        return item

    def patch(
        self, collection: str, key: str, changes: dict[str, Any], activity: str = "Update {}"
    ) -> Entity:
        """Change properties of an object; a value of None stores an explicit null."""
        held = self.tenant.collections[collection]
        state = held.state(key)
        if state is None:
            raise KeyError(key)
        changed = {**state, **changes}
        held.put(key, changed)
        told = {name[:1].upper() + name[1:]: (state.get(name), changes[name]) for name in changes}
        self._audit(collection, activity, changed, told)
        return changed

    def delete(self, collection: str, key: str, *, final: bool = False) -> None:
        """Delete an object; users and groups go to the recycle bin unless `final`."""
        held = self.tenant.collections[collection]
        state = held.state(key)
        if state is None and not final:
            raise KeyError(key)
        if state is not None and collection in _SOFT:
            self._leave_groups(key)
        if state is not None and collection == "users":
            self._forget_user(key)
        soft = collection in _SOFT and not final
        gone = state or held.before_deletion(key)
        held.put(key, None, "changed" if soft else "deleted")
        self._audit(
            collection, "Delete {}" if soft or collection not in _SOFT else "Hard Delete {}", gone
        )
        if collection == "role_assignments":
            self._audit_role("Remove member from role", gone)

    def restore(self, collection: str, key: str) -> Entity:
        """Bring a soft-deleted object back as it was, memberships included."""
        held = self.tenant.collections[collection]
        if held.state(key) is not None or held.reason(key) != "changed":
            raise KeyError(key)
        before = held.before_deletion(key)
        held.put(key, before)
        for group in self._left.pop(key, ()):
            self.tenant.memberships.change(group, key, present=True)
        if collection == "users":
            self._register(before, (), "none")
        self._audit(collection, "Restore Group" if collection == "groups" else "Restore {}", before)
        return before

    def _leave_groups(self, key: str) -> None:
        homes = self.tenant.memberships.groups_of(key)
        if homes:
            self._left[key] = homes
        for group in homes:
            self.tenant.memberships.change(group, key, present=False)

    def _forget_user(self, key: str) -> None:
        tenant = self.tenant
        for held in (tenant.role_assignments, tenant.role_eligibilities):
            for row in list(held.rows(0, len(held))):
                if row["principalId"] == key:
                    held.put(row["id"], None, "deleted")
        if tenant.registrations.state(key) is not None:
            tenant.registrations.put(key, None, "deleted")

    # ---- people and groups

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
        self.create("users", user)
        groups = tenant.groups_made
        for index in (chance % groups.teams, groups.first_office + chance % len(names.OFFICES)):
            if tenant.groups.state(groups.guid(index)) is not None:
                self.member(groups.guid(index), user["id"], present=True)
        self._register(user, (), "none")
        return user

    def license(self, key: str, chance: int) -> Entity:
        """Give a user another licence bundle."""
        bundle = dict(self.tenant.people.holdings.bundles[chance % len(BUNDLES)])
        return self.patch("users", key, bundle, "Change user license")

    def register_methods(self, key: str, chance: int) -> None:
        """A user registers (or loses) authentication methods."""
        user = self.tenant.users.state(key)
        if user is None:
            raise KeyError(key)
        _share, methods, preferred = METHOD_SETS[chance % len(METHOD_SETS)]
        self._register(user, methods, preferred)
        self._audit("users", "User registered security info", user)

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
            "resourceProvisioningOptions": [],
        }
        return self.create("groups", group)

    def member(self, group: str, member: str, *, present: bool) -> None:
        """Add a user or group to a group, or remove it; doing what is already so is no change."""
        tenant = self.tenant
        whole = tenant.groups.state(group)
        if whole is None or (present and self._principal(member) is None):
            raise KeyError(member if whole else group)
        if tenant.memberships.change(group, member, present=present):
            activity = "Add member to group" if present else "Remove member from group"
            told = self._principal(member) or target("User", {"id": member})
            self._record(activity, told, target("Group", whole))

    def _principal(self, key: str) -> Entity | None:
        """What audits say of a user, a group or an application; None if it is gone."""
        user, group = self.tenant.users.state(key), self.tenant.groups.state(key)
        if self.tenant.kind_of(key) == "servicePrincipal":
            return target("ServicePrincipal", {"id": key})
        return target("User", user) if user else target("Group", group) if group else None

    # ---- what the logs say

    def sign_in(self, user: Entity, late_seconds: int = 0) -> Entity:
        """A sign-in of `user`, `late_seconds` ago: events do not arrive in order."""
        tenant = self.tenant
        self._sign_ins += 1
        moment = (tenant.clock.now() - timedelta(seconds=late_seconds)).timestamp()
        event = tenant.sign_ins.make(1_000_000_000 + self._sign_ins, moment, user)
        tenant.sign_ins.log.append(event)
        held = tenant.activity.state(user["id"]) or {}
        # lastSignIn is the last attempt, lastSuccessfulSignIn the last one that succeeded.
        names = ("lastSignIn", "lastSuccessfulSignIn")
        seen = dict(held.get("signInActivity") or {})
        for name in names if event["status"]["errorCode"] == 0 else names[:1]:
            seen[f"{name}DateTime"] = event["createdDateTime"]
            seen[f"{name}RequestId"] = event["id"]
        tenant.activity.put(user["id"], {"id": user["id"], "signInActivity": seen})
        return event

    def _record(self, activity: str, *targets: Entity) -> None:
        self.tenant.audits.record(self.tenant.clock.now().timestamp(), activity, *targets)

    def _audit(
        self,
        collection: str,
        activity: str,
        item: Entity,
        changes: dict[str, tuple[object, object]] | None = None,
    ) -> None:
        if collection in _AUDITED:
            noun, kind = _AUDITED[collection]
            self._record(activity.format(noun), target(kind, item, changes))

    def _audit_role(self, activity: str, assignment: Entity) -> None:
        key, role = assignment["principalId"], assignment["roleDefinitionId"]
        told = self._principal(key) or target("User", {"id": key})
        found = self.tenant.role_definitions.state(role) or {"id": role}
        self._record(activity, told, target("Role", found))

    # ---- applications

    def register_app(self, app_id: str | None = None) -> App:
        """A further application without any permission."""
        app = first_app(self.tenant.seed, start=10 * len(self.tenant.apps))
        app.permissions, app.roles = [], {}
        if app_id:
            app.app_id = str(UUID(app_id))
        self.tenant.apps[app.app_id] = app
        return app

    def publish_app(self, app: App) -> None:
        """Let the directory show a calling application as it is: its objects, its permissions."""
        made = self.tenant.part(applications)
        for name, item in (
            ("service_principals", made.principal_of(app)),
            ("applications", made.registration_of(app)),
        ):
            held = self.tenant.collections[name].state(item["id"])
            if held is None:
                self.create(name, item)
            elif held["displayName"] != app.display_name:
                self.patch(name, item["id"], {"displayName": app.display_name})
        wanted = {row["id"]: row for row in made.assignments_of(app)}
        rows = made.assignments.rows(0, len(made.assignments))
        standing = {row["id"] for row in rows if row["principalId"] == app.object_id}
        for key in sorted(standing - wanted.keys()):
            self.delete("app_role_assignments", key)
        for key in sorted(wanted.keys() - standing):
            self.create("app_role_assignments", wanted[key])
