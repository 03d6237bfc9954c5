"""Who may activate a directory role: Privileged Identity Management, which needs Entra ID P2."""

from functools import partial

from infra.local.sandbox.areas.roles import with_expanded
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route

_ELIGIBILITY = plain_type(
    "unifiedRoleEligibilityScheduleInstance",
    "id principalId roleDefinitionId directoryScopeId appScopeId memberType startDateTime "
    "endDateTime roleEligibilityScheduleId",
    expandable="principal roleDefinition",
)
_INSTANCES = "roleManagement/directory/roleEligibilityScheduleInstances"
_READ = (
    "RoleEligibilitySchedule.Read.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "RoleManagement.Read.All",
)


def needs_pim(call: Call) -> None:
    """Raise ApiError 400 in a tenant that lacks the plan."""
    if call.tenant.premium != "P2":
        # Not the 403 that other premium features answer: seen so in public bug reports.
        raise ApiError(
            400, "AadPremiumLicenseRequired",
            "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
        )  # fmt: skip


def _instances(call: Call) -> Reply:
    options = read_options(call, _ELIGIBILITY, frozenset({"$select", "$filter", "$expand"}))
    return list_reply(
        call, call.tenant.role_eligibilities, _ELIGIBILITY, _INSTANCES, options=options,
        paging=Paging(), shape=partial(with_expanded, call, options) if options.expand else None,
    )  # fmt: skip


ROUTES = (Route(f"/{_INSTANCES}", _instances, _READ, licence=needs_pim),)
