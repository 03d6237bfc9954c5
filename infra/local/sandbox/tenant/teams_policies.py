"""The policies of Teams that a tenant has besides the global ones, and whom they are assigned to."""

from collections.abc import Mapping

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.people import Kind

# By the type that assignments name.
NAMED: Mapping[str, tuple[str, ...]] = {
    "TeamsMeetingPolicy": ("AllOn", "AllOff", "RestrictedAnonymousAccess", "録画禁止"),
    "TeamsMessagingPolicy": ("EduStudent", "Frontline", "No deletion"),
    "TeamsAppPermissionPolicy": ("Only our apps",),
    "TeamsAppSetupPolicy": ("FirstLineWorker", "Pinned helpdesk"),
    "TeamsCallingPolicy": ("AllowCalling", "DisallowCalling"),
    "TeamsChannelsPolicy": ("No private channels",),
    "TeamsEventsPolicy": ("Internal events",),
    "TeamsUpdateManagementPolicy": ("Preview ring",),
    "TeamsFilesPolicy": ("No cloud storage",),
}
_UNUSED = {"AllOff", "DisallowCalling", "Preview ring"}  # nobody has them
_RESOURCES = 2  # accounts of attendants, which are nobody's


class TeamsUsers:
    """Makes the configurations of users, guests and resource accounts, by the user's id.

    Who has no plan of Teams has none, but for a few that Teams knows all the same.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._tenant_id, self._anchor = tenant.tenant_id, tenant.anchor
        self._people, self._groups = tenant.people, tenant.groups_made
        self._dice = Dice(tenant.seed, "teams user")
        self._policies = Dice(tenant.seed, "teams policy")
        self.configurations = Collection(
            "teams_user_configurations",
            tenant.timeline,
            self._people.count + _RESOURCES,
            self._make,
            self._index,
        )

    def _index(self, key: str) -> int | None:
        own = self._people.index(key)
        if own is not None:
            return own
        found, first = self._dice.index(key), self._people.count
        return found if found is not None and first <= found < first + _RESOURCES else None

    def _make(self, index: int) -> Entity | None:
        roll, first = self._dice.roll(index), self._people.count
        changed = self._anchor - (1 + roll[0]) * DAY
        told: Entity = {
            "id": self._dice.guid(index) if index >= first else self._people.guid(index),
            "tenantId": self._tenant_id,
            "createdDateTime": epoch_stamp(changed - 400 * DAY),
            "modifiedDateTime": epoch_stamp(changed),
            "isEnterpriseVoiceEnabled": index >= first or roll[1] < 40,
            "telephoneNumbers": [],
            "featureTypes": ["Teams"],
            "effectivePolicyAssignments": [],
        }
        if index >= first:
            own = f"attendant{index - first}@{self._people.domain}"
            return {**told, "userPrincipalName": own, "accountType": "resourceAccount"}
        return self._of_person(index, told, roll)

    def _of_person(self, index: int, told: Entity, roll: bytes) -> Entity | None:
        chance = self._people.roll(index)
        kind = self._people.kind(index, chance)
        told["userPrincipalName"] = self._people.names(index, chance, kind)[0]
        if kind is Kind.GUEST:
            return {**told, "accountType": "guest", "isEnterpriseVoiceEnabled": None}
        plans = {plan for part in self._people.parts(index, chance) for plan in PRODUCTS[part][1]}
        if "TEAMS1" in plans:
            given = self._assigned(roll)
            return {**told, "accountType": "user", "effectivePolicyAssignments": given}
        known = roll[2] < 30
        return {**told, "accountType": "ineligibleUser", "featureTypes": []} if known else None

    def _assigned(self, roll: bytes) -> list[Entity]:
        found: list[Entity] = []
        for place, (kind, names) in enumerate(NAMED.items()):
            number = roll[8 + place] % len(names)
            if roll[20 + place] >= 30 or names[number] in _UNUSED:
                continue
            by_group = roll[32 + place] < 60
            group = self._groups.guid(self._groups.first_office) if by_group else None
            assignment = {
                "displayName": names[number],
                "assignmentType": "group" if by_group else "direct",
                "policyId": self._policies.guid(100 * place + number).replace("-", ""),
                "groupId": group,
            }
            found.append({"policyType": kind, "policyAssignment": assignment})
        return found
