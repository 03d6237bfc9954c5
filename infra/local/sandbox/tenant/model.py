"""One tenant: everything it contains, joined, and the changes that keep it consistent."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from infra.local.sandbox.clock import Clock, stamp
from infra.local.sandbox.scan import united
from infra.local.sandbox.tenant import health, organization, policies, roles
from infra.local.sandbox.tenant.apps import App, first_app
from infra.local.sandbox.tenant.audits import Audits
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.groups import Groups, Memberships, licence_group
from infra.local.sandbox.tenant.licences import (
    BUNDLES,
    EXPIRED,
    PART_NUMBERS,
    PRODUCTS,
    Holdings,
    prepaid_units,
    seats,
    service_plans,
    subscriptions,
)
from infra.local.sandbox.tenant.people import People
from infra.local.sandbox.tenant.registrations import seeded_registration
from infra.local.sandbox.tenant.sign_ins import SignIns
from infra.local.sandbox.tenant.timeline import Timeline
from infra.local.sandbox.tenant.usage import UsageReports

COMPANIES = (
    ("Contoso 株式会社", "contoso.example"),
    ("Fabrikam, Inc.", "fabrikam-group.example"),
    ("ノースウィンド商事", "northwind-jp.example"),
    ("Adatum Corporation", "adatum-corp.example"),
)
SIGN_INS_PER_USER = 4
MAX_SEEDED_EVENTS = 40_000


class Tenant:
    """The state of one tenant. `anchor` (epoch seconds) is the instant the seed describes."""

    def __init__(self, number: int, seed: int, users: int, anchor: int, clock: Clock) -> None:
        self.seed = seed
        self.anchor = anchor
        self.clock = clock
        self.timeline = Timeline(clock)
        self.tenant_id = Dice(seed, "tenant").guid(number)
        name, domain = COMPANIES[number % len(COMPANIES)]
        turn = number // len(COMPANIES)
        self.display_name = f"{name} {turn}" if turn else name
        self.domain = f"t{turn}.{domain}" if turn else domain
        # What the tenant has bought decides which Graph features answer: none, P1 or P2.
        self.premium = "P2"
        self.not_bought: frozenset[str] = frozenset()
        self.conceal_names = False
        self.facts: dict[str, Any] = dict(united("FACTS"))
        self._parts: dict[Callable[[Tenant], Any], Any] = {}
        app = first_app(seed)
        self.apps: dict[str, App] = {app.app_id: app}
        holdings = Holdings(anchor, licence_group(seed, users))
        self.people = People(seed, users, anchor, self.domain, holdings)
        self.groups_made = Groups(seed, self.people, anchor)
        self._fill_directory()
        self.usage = UsageReports(self.people, self.users, self.display_name)
        self._fill_policies()
        self._fill_events()

    def _fill_directory(self) -> None:
        line, users, anchor = self.timeline, self.people.count, self.anchor
        self.users = Collection("users", line, users, self.people.make, self.people.index)
        self.groups = Collection(
            "groups", line, self.groups_made.count, self.groups_made.make, self.groups_made.index
        )
        self.registrations = Collection(
            "registrations", line, users,
            lambda i: seeded_registration(self.people, i, anchor), self.people.index,
        )  # fmt: skip
        self.activity = Collection(
            "sign_in_activity", line, users, self._activity, self.people.index
        )
        self.memberships = Memberships(self.groups_made, line)

    def _fill_policies(self) -> None:
        line, seed, anchor = self.timeline, self.seed, self.anchor
        admins = self.groups_made.guid(self.groups_made.admins)
        partners = self.groups_made.guid(self.groups_made.partners)
        first = self.people.guid(0)
        self.policies = Collection.of(
            "conditional_access_policies",
            line,
            policies.policies(seed, anchor, admins, partners, first),
        )
        self.named_locations = Collection.of(
            "named_locations", line, policies.named_locations(seed, anchor)
        )
        self.role_definitions = Collection.of("role_definitions", line, roles.definitions(seed))
        eligible = roles.eligibilities(seed, self.people, anchor, admins)
        self.role_activated = roles.activated(
            eligible[-1], Dice(seed, "activation").guid(0).replace("-", "")[:22]
        )
        held = roles.assignments(seed, self.people, admins, first_app(seed).object_id)
        self.role_assignments = Collection.of(
            "role_assignments", line, [*held, self.role_activated]
        )
        self.role_eligibilities = Collection.of("role_eligibilities", line, eligible)
        self.issues = Collection.of("issues", line, health.issues(anchor, seed))

    def _fill_events(self) -> None:
        sign_ins = min(self.people.count * SIGN_INS_PER_USER, MAX_SEEDED_EVENTS)
        self.sign_ins = SignIns(self.seed, self.people, self.anchor, sign_ins)
        self.audits = Audits(self.seed, self.people, self.anchor, sign_ins // SIGN_INS_PER_USER)

    @property
    def collections(self) -> dict[str, Collection]:
        """The versioned collections by data set name."""
        held = (
            self.users, self.groups, self.registrations, self.activity, self.policies,
            self.named_locations, self.role_definitions, self.role_assignments,
            self.role_eligibilities, self.issues,
        )  # fmt: skip
        found = {collection.name: collection for collection in held}
        return found | {name: self.part(make) for name, make in united("COLLECTIONS").items()}

    def part[Part](self, make: Callable[["Tenant"], Part]) -> Part:
        """What an area keeps of this tenant: made when it is asked for first."""
        if make not in self._parts:
            self._parts[make] = make(self)
        kept: Part = self._parts[make]
        return kept

    def kind_of(self, key: str) -> str:
        """The Graph type of a member or principal: group, servicePrincipal, else user."""
        if key in self.groups:
            return "group"
        apps = {app.object_id for app in self.apps.values()}
        return "servicePrincipal" if key in apps else "user"

    def _activity(self, index: int) -> Entity:
        return {
            "id": self.people.guid(index),
            "signInActivity": self.people.sign_in_activity(index),
        }

    # ---- licences

    @cached_property
    def _seeded_consumption(self) -> dict[str, int]:
        counts = dict.fromkeys(PRODUCTS, 0)
        per_bundle = [0] * len(BUNDLES)
        for index in range(self.people.count):
            per_bundle[self.people.bundle(index)] += 1
        for number, (_share, parts) in enumerate(BUNDLES):
            for part in parts:
                counts[part] += per_bundle[number]
        return counts

    def consumed(self) -> dict[str, int]:
        """Part number to assigned units, now."""
        counts = dict(self._seeded_consumption)
        for key in self.users.changed_ids:
            for state, step in ((self.users.seeded(key), -1), (self.users.state(key), 1)):
                for licence in (state or {}).get("assignedLicenses", ()):
                    counts[PART_NUMBERS[licence["skuId"]]] += step
        return counts

    @property
    def bought(self) -> dict[str, int]:
        """Part number to bought units."""
        seeded = self._seeded_consumption
        return {part: seats(part, count, self.people.count) for part, count in seeded.items()}

    def subscribed_skus(self) -> list[Entity]:
        """`subscribedSkus` rows."""
        bought, consumed = self.bought, self.consumed()
        held = self.subscriptions()
        return [
            {
                "id": f"{self.tenant_id}_{sku}",
                "accountName": self.domain.split(".")[0],
                "accountId": self.tenant_id,
                "appliesTo": "User",
                "capabilityStatus": "Warning" if part == EXPIRED else "Enabled",
                "consumedUnits": consumed[part],
                "skuId": sku,
                "skuPartNumber": part,
                "subscriptionIds": [row["id"] for row in held if row["skuPartNumber"] == part],
                "prepaidUnits": prepaid_units(part, bought[part]),
                "servicePlans": service_plans(part),
            }
            for part, (sku, _plans) in PRODUCTS.items()
        ]

    def subscriptions(self) -> list[Entity]:
        """`directory/subscriptions` rows."""
        return subscriptions(self.seed, self.anchor, self.bought)

    # ---- the organisation itself

    def organization(self) -> Entity:
        """The one row of `organization`."""
        names = {self.domain: False, self.people.initial_domain: True}
        return {
            "id": self.tenant_id,
            "displayName": self.display_name,
            **organization.facts(self.anchor, self.domain),
            "onPremisesLastSyncDateTime": stamp(self.clock.now()),
            "assignedPlans": organization.premium_plans(self.premium, self.anchor),
            "verifiedDomains": [organization.verified(n, initial=i) for n, i in names.items()],
        }

    def domains(self) -> list[Entity]:
        """`domains` rows."""
        names = {self.domain: False, self.people.initial_domain: True}
        return [organization.domain(name, initial=initial) for name, initial in names.items()]
