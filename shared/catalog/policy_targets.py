"""Whom and what a Conditional Access policy names."""

from sqlalchemy import ColumnElement, case, false, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import items, joined, listed
from shared.core.report import Sources


def named_people(
    sources: Sources, conditions: ColumnElement[object], side: str
) -> ColumnElement[str]:
    """Return the names of users, groups and roles; the id where the object is not known (any more)."""
    users, groups = sources.entity("users"), sources.entity("groups")
    roles = sources.entity("role_definitions")
    keys = " || ".join(f'@.key == "{side}{kind}"' for kind in ("Users", "Groups", "Roles"))
    named = '$.users ? (@.type() == "object")'
    who = items(conditions, f"{named}.keyvalue() ? ({keys}).value[*]")
    # Looked up one by one: a join would read every user of the tenant for the few that are named.
    found = (
        select(named.c.display_name).where(named.c.id == who.c.item).limit(1).scalar_subquery()
        for named in (users, groups, roles)
    )
    by_template = roles.c.template_id == who.c.item
    template = select(roles.c.display_name).where(by_template).limit(1).scalar_subquery()
    name = func.coalesce(*found, template, who.c.item)
    names = select(func.string_agg(name, ", ")).select_from(who).scalar_subquery()
    guests = f"$.users.{side}GuestsOrExternalUsers.guestOrExternalUserTypes"
    return joined(names, listed(conditions, guests))


def application_count(conditions: ColumnElement[object]) -> ScalarSelect[int]:
    """Return how many applications are named; null if the policy covers all or a whole suite.

    Microsoft adds suites by word (AllAgentIdResources): an application is named by its id.
    """
    named = items(conditions, "$.applications.includeApplications[*]").c.item
    suites = named.in_(("Office365", "MicrosoftAdminPortals")) | named.like("All%")
    count = func.count().filter(named != "None")
    return select(case((~func.coalesce(func.bool_or(suites), false()), count))).scalar_subquery()
