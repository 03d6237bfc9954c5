"""The groups of a tenant and who is in them at any sequence number."""

from collections import defaultdict
from collections.abc import Iterator

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.apps import first_app
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.people import ADMINS, TEAM_SIZE, Kind, People
from infra.local.sandbox.tenant.timeline import Timeline

EVERYONE_CAP = 5_000  # a project group of a huge tenant still fits on one screen


def licence_group(seed: int, users: int) -> str:
    """Id of the group that assigns Microsoft 365 E3; users name it before groups are made."""
    teams = -(-users // TEAM_SIZE)
    fixed = len(names.DEPARTMENTS) + len(names.OFFICES) + len(names.PROJECTS) + 1
    return Dice(seed, "group").guid(teams + fixed)


class Groups:
    """Makes group objects: teams, dynamic departments, offices, projects, nested and special ones."""

    def __init__(self, seed: int, people: People, anchor: int) -> None:
        self._dice = Dice(seed, "group")
        self._application = first_app(seed).object_id
        self._people = people
        self._anchor = anchor
        self.teams = -(-people.count // TEAM_SIZE)
        self.first_department = self.teams
        self.first_office = self.first_department + len(names.DEPARTMENTS)
        self.first_project = self.first_office + len(names.OFFICES)
        self.nested = self.first_project + len(names.PROJECTS)
        self.licensed, self.admins, self.partners = (self.nested + n for n in (1, 2, 3))
        self.count = self.partners + 1

    def guid(self, index: int) -> str:
        """Object id of a group."""
        return self._dice.guid(index)

    def index(self, key: str) -> int | None:
        """Index behind an object id."""
        found = self._dice.index(key)
        return found if found is not None and found < self.count else None

    def make(self, index: int) -> Entity:
        """The group object of an index."""
        created = epoch_stamp(self._anchor - (20 + self._dice.roll(index)[0] * 4) * DAY)
        group: Entity = {
            "id": self.guid(index),
            "createdDateTime": created,
            "renewedDateTime": created,
            "securityEnabled": True,
            "mailEnabled": False,
            "mailNickname": f"group{index}",
            "groupTypes": [],
            "proxyAddresses": [],
            "resourceProvisioningOptions": [],
            "resourceBehaviorOptions": [],
            "securityIdentifier": f"S-1-12-1-{index + 1_000_000}-1200000000-2100000000-310000000",
        }
        group.update(self._special(index))
        return group

    def _special(self, index: int) -> Entity:
        if index < self.teams:
            return self._team(index)
        if index < self.first_office:
            japanese, english = names.DEPARTMENTS[index - self.first_department]
            return {
                "displayName": f"{japanese} / {english}",
                "description": f"All members of {english}",
                "groupTypes": ["DynamicMembership"],
                "membershipRule": f'user.department -in ["{japanese}", "{english}"]',
                "membershipRuleProcessingState": "On",
            }
        if index < self.first_project:
            return {"displayName": f"Office {names.OFFICES[index - self.first_office][0]}"}
        if index < self.nested:
            name = names.PROJECTS[index - self.first_project]
            return {"displayName": f"Project {name}", "description": f"Project {name} 関係者"}
        if index == self.nested:
            return {"displayName": "全部門 / All departments", "description": "Nested groups"}
        if index == self.licensed:
            return {
                "displayName": "Licence Microsoft 365 E3",
                "assignedLicenses": [{"disabledPlans": [], "skuId": PRODUCTS["SPE_E3"][0]}],
            }
        if index == self.admins:
            return {"displayName": "Tenant administrators", "isAssignableToRole": True}
        return {"displayName": "社外パートナー / Partners", "visibility": "Private"}

    def _team(self, team: int) -> Entity:
        department, _office = self._people.team(team * TEAM_SIZE)
        english = names.DEPARTMENTS[department][1]
        alias = f"{english.replace(' ', '')}{team:04d}"
        mail = f"{alias}@{self._people.domain}"
        group: Entity = {
            "displayName": f"{english} Team {team:04d}",
            "description": f"{names.DEPARTMENTS[department][0]} チーム {team}",
            "groupTypes": ["Unified"],
            "mailEnabled": True,
            "securityEnabled": False,
            "mail": mail,
            "mailNickname": alias,
            "proxyAddresses": [f"SMTP:{mail}"],
            "visibility": "Private" if self._dice.roll(team)[1] < 160 else "Public",
        }
        if self._dice.roll(team)[2] < 128:
            group["resourceProvisioningOptions"] = ["Team"]
        if self._dice.roll(team)[3] < 40:
            group["expirationDateTime"] = epoch_stamp(self._anchor + 90 * DAY)
        return group

    def homes(self, user: int) -> Iterator[int]:
        """The groups a user is a direct member of."""
        roll = self._people.roll(user)
        kind = self._people.kind(user, roll)
        if kind is Kind.GUEST:
            yield self.partners
            if roll[28] < 128:  # works in somebody's team
                yield user // TEAM_SIZE
            return
        if kind is Kind.SHARED:
            return
        department, office = self._people.team(user)
        yield user // TEAM_SIZE
        yield self.first_department + department
        yield self.first_office + office
        if roll[28] < 24 and (self._people.count <= EVERYONE_CAP or roll[29] < 16):
            yield self.first_project + roll[28] % len(names.PROJECTS)
        if "SPE_E3" in self._people.parts(user, roll):
            yield self.licensed
        if user < ADMINS:
            yield self.admins

    def seeded_members(self) -> dict[str, dict[str, None]]:
        """Group id to member ids (in order) of the whole seeded tenant; one pass over all users."""
        members: dict[int, dict[str, None]] = defaultdict(dict)
        for user in range(self._people.count):
            key = self._people.guid(user)
            for group in self.homes(user):
                members[group][key] = None
        members[self.admins][self._application] = None  # not every member is a person
        members[self.nested] = {
            self.guid(n): None for n in range(self.first_department, self.first_office)
        }
        return {self.guid(group): found for group, found in members.items()}


class Memberships:
    """Edges group -> member; the seeded ones are computed on first use, changes are logged."""

    def __init__(self, groups: Groups, timeline: Timeline) -> None:
        self._groups = groups
        self._timeline = timeline
        self._now: dict[str, dict[str, None]] | None = None
        self._places: dict[str, list[str]] = {}
        self.log: list[tuple[int, str, str, bool]] = []

    @property
    def _edges(self) -> dict[str, dict[str, None]]:
        if self._now is None:
            self._now = self._groups.seeded_members()
        return self._now

    def members(self, group: str) -> list[str]:
        """Present member ids of a group."""
        return list(self._edges.get(group, ()))

    def places(self, group: str) -> list[str]:
        """Member ids by position, "" where one left: a page that starts at a position loses nobody."""
        return self._places.get(group) or self.members(group)

    def groups_of(self, member: str) -> list[str]:
        """The groups that contain `member` now."""
        return [group for group, members in self._edges.items() if member in members]

    def change(self, group: str, member: str, *, present: bool) -> bool:
        """Add or remove one edge; False if it is already so, which is not a change."""
        members = self._edges.setdefault(group, {})
        if (member in members) is present:
            return False
        places = self._places.setdefault(group, list(members))
        if present:
            members[member] = None
            places.append(member)
        else:
            del members[member]
            places[places.index(member)] = ""
        self.log.append((self._timeline.tick(), group, member, present))
        return True

    def changed_since(self, sequence: int, until: int) -> dict[str, dict[str, bool]]:
        """Groups whose members changed after `sequence` up to `until`: member id to in or out now."""
        changes: dict[str, dict[str, bool]] = {}
        for number, group, member, _present in reversed(self.log):
            if number <= sequence:
                break
            if number > until:
                continue
            now = member in self._edges.get(group, {})
            changes.setdefault(group, {}).setdefault(member, now)
        return changes

    def at(self, sequence: int) -> dict[str, set[str]]:
        """All edges as they were at a sequence number, by undoing what came later."""
        edges = {group: set(members) for group, members in self._edges.items()}
        for number, group, member, present in reversed(self.log):
            if number <= sequence:
                break
            if present:
                edges[group].discard(member)
            else:
                edges.setdefault(group, set()).add(member)
        return edges
