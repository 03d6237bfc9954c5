"""Applications of a tenant: its own registrations, those of others and of Microsoft, and their rights."""

from typing import TYPE_CHECKING

from infra.local.sandbox.tenant import app_objects as objects
from infra.local.sandbox.tenant.apps import GRAPH_APP_ID, App, known_permissions
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.credentials import certificate, credentials, secret
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.people import Kind

if TYPE_CHECKING:
    from infra.local.sandbox.tenant.model import Tenant

_MICROSOFTS = 300
_OWN_NAMES = ("勤怠連携", "Payroll sync", "HR provisioning", "社内ポータル", "経費精算", "Backup agent",
              "Reporting export", "Signage", "Helpdesk bot", "CRM connector", "Print gateway",
              "検証用アプリ")  # fmt: skip
_FOREIGN_NAMES = ("Contoso Sign", "Board Meeting Notes", "名刺スキャン", "Survey Maker", "Diagram Studio",
                  "Expense Cloud", "Travel Desk", "翻訳アシスタント", "Phone System", "Mail Merge Pro")  # fmt: skip
# What an application of the tenant's own was allowed, by turns.
_RIGHTS: tuple[tuple[str, ...], ...] = (
    ("User.Read.All",), ("Mail.ReadWrite", "Mail.Send"), ("Directory.ReadWrite.All",), (),
    ("Sites.Read.All", "Group.Read.All"), ("full_access_as_app",), (), ("AuditLog.Read.All",),
    ("Sites.FullControl.All",), (),
)  # fmt: skip
_SCOPES = (
    " User.Read openid profile offline_access",
    "User.Read Mail.Read",
    " Files.ReadWrite.All Sites.Read.All",
    "openid profile email User.Read",
    "Calendars.ReadWrite Contacts.Read",
)


class Applications:
    """Makes registrations, service principals, what they were allowed, and who owns them."""

    def __init__(self, tenant: "Tenant") -> None:
        self._tenant, self._anchor, self._people = tenant, tenant.anchor, tenant.people
        self._own = self._dice("own application")
        self._grants = self._dice("grant")
        self.graph_id = self._dice("service principal").guid(0)
        self._resources: dict[str, tuple[str, str]] = {}
        self._principals = [self.principal_of(app) for app in tenant.apps.values()]
        self._registrations = [self.registration_of(app) for app in tenant.apps.values()]
        self._assigned: list[Entity] = []
        self._granted: list[Entity] = []
        self._owned: list[Entity] = []
        self._add_microsofts()
        for app in tenant.apps.values():
            self._assigned += self.assignments_of(app)
        for number in range(12 + min(tenant.people.count // 25, 500)):
            self._add_own(number)
        for number in range(10 + min(tenant.people.count // 100, 150)):
            self._add_foreign(number)
        self._add_odd_ones()
        self.registrations = self._collection("applications", self._registrations)
        self.principals = self._collection("service_principals", self._principals)
        self.assignments = self._collection("app_role_assignments", self._assigned)
        self.grants = self._collection("oauth2_permission_grants", self._granted)
        self.owners = self._collection("application_owners", self._owned)

    def _dice(self, kind: str) -> Dice:
        return Dice(self._tenant.seed, kind)

    def _collection(self, name: str, made: list[Entity]) -> Collection:
        return Collection.of(name, self._tenant.timeline, made)

    # ---- the applications that call

    def registration_of(self, app: App) -> Entity:
        """The registration of a calling application."""
        key = self._dice("registration").guid(int(app.app_id[:6], 16))
        made = self._registration(key, app.app_id, app.display_name)
        return {**made, "passwordCredentials": [secret(self._own, 0, self._anchor, 400)]}

    def principal_of(self, app: App) -> Entity:
        """The service principal of a calling application."""
        return self._principal(app.object_id, app.app_id, app.display_name)

    def assignments_of(self, app: App) -> list[Entity]:
        """The application permissions that a calling application has in Graph."""
        dice, known = self._dice(f"consent {app.object_id}"), known_permissions()
        numbers = {name: number for number, name in enumerate(known)}
        holder = self.principal_of(app)
        return [
            self._assignment(dice.guid(numbers[name]), holder, GRAPH_APP_ID, known[name])
            for name in app.permissions
            if name in known
        ]

    # ---- what the seed makes

    def _add_microsofts(self) -> None:
        dice, app_ids = self._dice("microsoft"), Dice(0, "application of microsoft")
        for number, (app_id, (name, offered)) in enumerate(objects.resources().items()):
            key = self.graph_id if app_id == GRAPH_APP_ID else dice.guid(number)
            self._resources[app_id] = key, name
            self._principals.append(objects.microsofts(key, app_id, name, offered))
        tools = objects.microsofts(
            dice.guid(3), objects.COMMAND_LINE_APP_ID, "Microsoft Graph Command Line Tools", {}
        )
        self._principals.append(tools)
        self._grant(5_001, tools["id"], "Directory.ReadWrite.All User.Read")
        for number in range(4, _MICROSOFTS):
            name = f"Microsoft service {number:03d}"
            app_id = app_ids.guid(number)  # the same in every tenant
            self._principals.append(objects.microsofts(dice.guid(number), app_id, name, {}))

    def _add_own(self, number: int) -> None:
        key, app_id = self._own.guid(2 * number), self._dice("client id").guid(number)
        name = f"{_OWN_NAMES[number % len(_OWN_NAMES)]} {number:02d}"
        held = credentials(self._own, number, self._anchor)
        self._registrations.append(
            {**self._registration(key, app_id, name), **held, **self._standing(number)}
        )
        for owner in self._owners(number):
            self._owned.append(owned(key, owner))
        if number % 11 == 9:  # registered, and never signed in to
            return
        made = self._principal(self._own.guid(2 * number + 1), app_id, name)
        if number % 7 == 5:  # signs in by SAML: the certificate is the service principal's
            made["keyCredentials"] = [certificate(self._own, number, self._anchor, 20)]
        self._principals.append(made)
        self._allow(made, _RIGHTS[number % len(_RIGHTS)])
        if number % 3 == 0:
            self._grant(number, made["id"], _SCOPES[0])

    def _standing(self, number: int) -> Entity:
        """Who vouches for an application, and whether somebody has switched it off."""
        if number % 11 == 3:
            return {"verifiedPublisher": objects.publisher("Contoso Inc.", self._anchor)}
        if number % 11 == 6:
            return {"isDisabled": True}
        if number % 11 == 8:
            return {"disabledByMicrosoftStatus": "DisabledDueToViolationOfServicesAgreement"}
        return {}

    def _owners(self, number: int) -> list[str]:
        """A third has nobody; some owners are blocked or guests, now and then one is an application."""
        if number % 3 == 1:
            return []
        roll = self._own.roll(number)
        drawn = (
            int.from_bytes(roll[n : n + 2]) % self._people.count for n in range(1 + roll[0] % 3)
        )
        found = [self._people.guid(n) for n in drawn if self._people.kind(n) is not Kind.SHARED]
        if number % 10 == 8:
            found.append(self._principals[0]["id"])
        return list(dict.fromkeys(found))

    def _add_foreign(self, number: int) -> None:
        dice = self._dice("foreign application")
        roll, home = dice.roll(number), self._dice("foreign tenant").guid(number)
        name = f"{_FOREIGN_NAMES[number % len(_FOREIGN_NAMES)]}{f' {number}' if number > 9 else ''}"
        known = f"{name.split(maxsplit=1)[0]} Inc." if roll[0] < 150 else None
        made = {
            **objects.principal(dice.guid(2 * number), dice.guid(2 * number + 1), name, home),
            "verifiedPublisher": objects.publisher(known, self._anchor),
            "signInAudience": "AzureADMultipleOrgs",
            "accountEnabled": roll[1] > 25,
            **({"isDisabled": True} if number % 5 == 3 else {}),
        }
        self._principals.append(made)
        rights = ("Mail.Read", "Sites.FullControl.All") if number == 4 else ("Mail.Read",)
        self._allow(made, rights if number % 4 == 0 else ())
        if number % 2:
            self._grant(1_000 + number, made["id"], _SCOPES[1 + roll[2] % 4])
        for person in range(roll[3] % 5):
            user = self._people.guid((roll[4 + person] * 7) % self._people.count)
            self._grant(10_000 + 10 * number + person, made["id"], _SCOPES[3], user)

    def _add_odd_ones(self) -> None:
        """A grant without its client, default access of a person, identities that Azure manages."""
        self._grant(5_000, self._dice("lost client").guid(0), " User.Read")
        person = {"id": self._people.guid(0), "displayName": self._people.make(0)["displayName"]}
        self._assigned.append(
            self._assignment(
                self._own.guid(1_000_000), person, objects.SHAREPOINT_APP_ID,
                objects.DEFAULT_ACCESS, "User",
            )
        )  # fmt: skip
        dice = self._dice("managed identity")
        for number in range(3):
            app_id, name = dice.guid(2 * number + 1), f"func-batch-{number}"
            self._principals.append({
                **objects.principal(dice.guid(2 * number), app_id, name, None),
                "servicePrincipalType": "ManagedIdentity",
                "keyCredentials": [certificate(dice, number, self._anchor, 60)],
                "alternativeNames": ["isExplicit=False"],
                "signInAudience": None,
                "tags": [],
            })  # fmt: skip

    # ---- their parts

    def _registration(self, key: str, app_id: str, name: str) -> Entity:
        roll = self._own.roll(int(app_id[:6], 16))
        created = self._anchor - (30 + roll[0] * 6) * DAY
        made = objects.registration(key, app_id, name, self._tenant.domain, created)
        return {**made, "signInAudience": "AzureADMultipleOrgs"} if roll[1] < 30 else made

    def _principal(self, key: str, app_id: str, name: str) -> Entity:
        return objects.principal(key, app_id, name, self._tenant.tenant_id)

    def _allow(self, holder: Entity, rights: tuple[str, ...]) -> None:
        offered = {app_id: roles for app_id, (_name, roles) in objects.resources().items()}
        for place, right in enumerate(rights):
            # What SharePoint and Graph both call so is granted in SharePoint.
            resource = next(app_id for app_id in reversed(offered) if right in offered[app_id])
            key = self._dice(f"right of {holder['id']}").guid(place)
            self._assigned.append(self._assignment(key, holder, resource, offered[resource][right]))

    def _assignment(
        self, key: str, holder: Entity, resource: str, role: str, kind: str = "ServicePrincipal"
    ) -> Entity:
        granted = self._anchor - DAY
        return objects.assignment(key, holder, kind, self._resources[resource], role, granted)

    def _grant(self, number: int, client: str, scope: str, user: str | None = None) -> None:
        self._granted.append(
            objects.grant(self._grants, number, client, self.graph_id, scope, user)
        )


def owned(application: str, owner: str) -> Entity:
    """The edge from an application to one of its owners."""
    return {"id": f"{application}/{owner}", "applicationId": application, "ownerId": owner}


def applications(tenant: "Tenant") -> Applications:
    """The applications of a tenant."""
    return Applications(tenant)
