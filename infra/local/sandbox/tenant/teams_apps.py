"""Apps of Teams: the catalogue, and who has installed what. Computed from indices."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.groups import Groups
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.people import Kind, People
from infra.local.sandbox.tenant.timeline import Timeline

STORE, OWN = 2_500, 6  # apps of the store, and of the organization
SIDELOADED = 2  # apps that somebody uploaded to a team: the catalogue lacks them
SLOTS = 6  # places for apps of a team or a person
_POPULAR = 40  # what is installed is mostly one of so many
_WORDS = ("Plan", "Board", "Note", "Flow", "Poll", "Wiki", "Sign", "Time", "Chart", "Mind")
_STATES = ("published", "published", "published", "published", "submitted", "rejected")
_OWN_NAMES = (
    "経費精算",
    "Facilities",
    "社内ポータル",
    "Shift swap",
    "IT ヘルプデスク",
    "Lunch menu",
)


class TeamsApps:
    """Makes the catalogue and the installations; each collection keeps what changes."""

    def __init__(
        self, seed: int, people: People, groups: Groups, anchor: int, timeline: Timeline
    ) -> None:
        self._people = people
        self._groups = groups
        self._anchor = anchor
        self._dice = Dice(seed, "teams app")
        self._team_dice = Dice(seed, "app of a team")
        self._user_dice = Dice(seed, "app of a person")
        self.catalogue = Collection("teams_apps", timeline, STORE + OWN, self.app, self._listed)
        self.of_teams = Collection(
            "team_app_installs", timeline, groups.teams * SLOTS, self._of_team, self._team_dice.index
        )  # fmt: skip
        self.of_users = Collection(
            "user_app_installs", timeline, people.count * SLOTS, self._of_user, self._user_dice.index
        )  # fmt: skip

    def _listed(self, key: str) -> int | None:
        found = self._dice.index(key)
        return found if found is not None and found < STORE + OWN else None

    def app(self, number: int) -> Entity:
        """An app with its definitions, as the catalogue tells of it; the last ones are sideloaded."""
        roll, key = self._dice.roll(number), self._dice.guid(number)
        if number < STORE:
            name = f"{_WORDS[roll[0] % 10]}{_WORDS[roll[1] % 10]} {number}"
            method, states = "store", ["published"]
        elif number < STORE + OWN:
            name, method = _OWN_NAMES[number - STORE], "organization"
            states = ["published", _STATES[number - STORE]][roll[2] % 2 :]
        else:
            name, method, states = f"Test app {number - STORE - OWN}", "sideloaded", ["published"]
        return {
            "id": key,
            "externalId": None if method == "store" else f"app-{number}",
            "displayName": name,
            "distributionMethod": method,
            "appDefinitions": [
                self._definition(number, key, name, state, n) for n, state in enumerate(states)
            ],
        }

    def _definition(self, number: int, app: str, name: str, state: str, newer: int) -> Entity:
        roll = self._dice.roll(number)
        version = f"{1 + roll[3] % 4}.{roll[4] % 12}.{newer}"
        changed = epoch_stamp(self._anchor - (roll[5] + 1) * DAY)
        return {
            "id": f"{app[:8]}{version}=",
            "teamsAppId": app,
            "displayName": name,
            "version": version,
            "publishingState": state,
            # Microsoft fills it in for few.
            "lastModifiedDateTime": changed if roll[6] < 20 else None,
            "shortDescription": f"{name} for Teams",
            "description": f"{name} for Microsoft Teams",
            "createdBy": None,
            "authorization": None,
        }

    # ---- installations

    def _chosen(self, roll: bytes) -> int:
        if roll[1] < 8:
            return STORE + OWN + roll[2] % SIDELOADED
        if roll[1] < 60:
            return STORE + roll[2] % OWN
        return int.from_bytes(roll[3:5]) % STORE if roll[1] > 240 else roll[2] % _POPULAR

    def installation(self, key: str, where: Entity, number: int, older: bool) -> Entity:
        """An installation of an app, in the version that the catalogue has or an older one."""
        app = self.app(number)
        newest = app["appDefinitions"][0]
        version = "0.9.0" if older else newest["version"]
        definition = {**newest, "version": version, "id": f"{app['id'][:8]}{version}="}
        return {
            "id": key,
            **where,
            "teamsApp": {name: value for name, value in app.items() if name != "appDefinitions"},
            "teamsAppDefinition": definition,
        }

    def _of_team(self, place: int) -> Entity | None:
        index, slot = divmod(place, SLOTS)
        roll = self._team_dice.roll(place)
        is_team = self._groups.make(index)["resourceProvisioningOptions"] == ["Team"]
        if not is_team or roll[0] < 90 + 20 * slot:
            return None
        team = {"teamId": self._groups.guid(index)}
        return self.installation(
            self._team_dice.guid(place), team, self._chosen(roll), roll[6] < 30
        )

    def uses_teams(self, index: int) -> bool:
        """Whether a person has Teams: a plan of it; of those who should two in a hundred never came."""
        roll = self._people.roll(index)
        plans = {plan for part in self._people.parts(index, roll) for plan in PRODUCTS[part][1]}
        enabled = self._people.kind(index, roll) is Kind.MEMBER
        return enabled and "TEAMS1" in plans and self._user_dice.roll(index)[47] >= 5

    def _of_user(self, place: int) -> Entity | None:
        index, slot = divmod(place, SLOTS)
        roll = self._user_dice.roll(place)
        if roll[0] < 60 + 25 * slot or not self.uses_teams(index):
            return None
        user = {"userId": self._people.guid(index)}
        return self.installation(
            self._user_dice.guid(place), user, self._chosen(roll), roll[6] < 30
        )
