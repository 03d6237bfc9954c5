"""How Teams treats each account: its policies, direct or by a group; who has the global ones has none.

Options: "List userConfigurations".
"""

from collections.abc import Iterator
from random import Random

from infra.local.sandbox.areas.teams import BUDGET, licence, not_permitted
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.teams_policies import TeamsUsers

_PATH = "admin/teams/userConfigurations"
_CONFIGURATION = plain_type(
    "teamsAdministration.teamsUserConfiguration",
    "id accountType createdDateTime effectivePolicyAssignments featureTypes isEnterpriseVoiceEnabled "
    "modifiedDateTime telephoneNumbers tenantId userPrincipalName",
    collections="effectivePolicyAssignments featureTypes telephoneNumbers",
    expandable="user",
)
_NEWER = frozenset({"ineligibleUser"})


class _Standing:
    """The configurations of accounts that have not been deleted since."""

    def __init__(self, tenant: Tenant) -> None:
        self._held = tenant.part(TeamsUsers).configurations
        self._users = tenant.users

    def __len__(self) -> int:
        return len(self._held)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The configurations of a range of positions."""
        for row in self._held.rows(start, stop):
            user = self._users.state(row["id"])
            if row["accountType"] == "resourceAccount":
                yield row
            elif user is not None:
                yield {**row, "userPrincipalName": user["userPrincipalName"]}


def _list(call: Call) -> Reply:
    options = read_options(call, _CONFIGURATION, frozenset({"$select", "$filter", "$top"}))
    return list_reply(
        call, _Standing(call.tenant), _CONFIGURATION, _PATH, options=options,
        paging=Paging(default=100), shape=lambda row: evolved(call, row, _NEWER),
    )  # fmt: skip


def _assign(changes: Changes, dice: Random) -> str:
    """Somebody is given back to the global policies, or gets those of somebody else."""
    held, people = changes.tenant.part(TeamsUsers).configurations, changes.tenant.people.count
    place, other = dice.randrange(people), dice.randrange(people)
    row, donor = (next(held.rows(n, n + 1), None) for n in (place, other))
    if row is None or donor is None or row["accountType"] != "user" or donor is row:
        return ""
    given = donor["effectivePolicyAssignments"]
    if given == row["effectivePolicyAssignments"]:
        return ""
    changed = {
        "effectivePolicyAssignments": given,
        "modifiedDateTime": stamp(changes.tenant.clock.now()),
    }
    changes.patch("teams_user_configurations", row["id"], changed)
    return str(row["id"])


COLLECTIONS = {"teams_user_configurations": lambda tenant: tenant.part(TeamsUsers).configurations}
LIFE = (Happening("teams policy assignment", 0.08, _assign),)
PERMISSIONS = {"TeamsUserConfiguration.Read.All": "a91eadaf-2c3c-4362-908b-fb172d208fc6"}
ROUTES = (
    Route(f"/{_PATH}", _list, tuple(PERMISSIONS), BUDGET, licence=licence, refusal=not_permitted),
)
