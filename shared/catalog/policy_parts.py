"""The parts of a Conditional Access policy as a reader sees them, and what they amount to."""

from sqlalchemy import ColumnElement, Text, case, func, literal, select, tuple_

from shared.catalog.conditional_access import (
    CONDITIONS,
    GRANT_CONTROLS,
    SESSION_CONTROLS,
    unknown_parts,
)
from shared.catalog.expressions import has, items, joined, listed
from shared.catalog.json_leaves import leaf_text, leaves, spelled
from shared.core.report import Sources

# What columns of its own show; every other condition is listed in `conditions`.
_SHOWN = (
    *(
        f"users.{side}{kind}"
        for side in ("include", "exclude")
        for kind in ("Users", "Groups", "Roles")
    ),
    *(
        f"users.{side}GuestsOrExternalUsers.guestOrExternalUserTypes"
        for side in ("include", "exclude")
    ),
    "applications.includeApplications",
    "applications.includeUserActions",
    "applications.includeAuthenticationContextClassReferences",
    "applications.excludeApplications",
    "signInRiskLevels",
    "userRiskLevels",
)
# These exclude no sign-in from a policy for all users and applications; any other condition does.
_WIDE = (
    ("clientAppTypes", "all"),
    ("platforms.includePlatforms", "all"),
    ("locations.includeLocations", "All"),
    ("authenticationFlows.transferMethods", "none"),
)
# Null, false and what is switched off do nothing; a name with @ is an OData annotation.
IN_FORCE = (
    '$ ? (@.type() == "object").keyvalue() ? (@.value != null && !(@.key like_regex "@") '
    '&& (@.value.type() != "boolean" || @.value == true) && !(@.value.isEnabled == false)).key'
)


def further_conditions(sources: Sources, conditions: ColumnElement[object]) -> ColumnElement[str]:
    """Return each further condition as `name: values`, in Microsoft's names, with "; " between them."""
    leaf, places = leaves(conditions), sources.entity("named_locations")
    where = items(leaf.c.value, "$[*]")
    by_id = places.c.id == where.c.item
    place = select(places.c.display_name).where(by_id).limit(1).scalar_subquery()
    names = select(func.string_agg(func.coalesce(place, where.c.item), ", ")).select_from(where)
    text = case((leaf.c.path.like("locations.%"), names.scalar_subquery()), else_=leaf_text(leaf))
    # includePlatforms says what it is, deviceFilter.rule does not.
    name = func.regexp_replace(leaf.c.path, r"^\w+\.(include|exclude)", r"\1")
    return spelled(leaf, name, text, leaf.c.path.not_in(_SHOWN))


def grants(grant: ColumnElement[object]) -> tuple[ColumnElement[str], ...]:
    """Return what is demanded: built-in controls, the strength's name, then terms of use and the like."""
    leaf = leaves(grant)
    apart = leaf.c.path.in_(("builtInControls", "operator"))
    strength = leaf.c.path.like("authenticationStrength.%")
    strength_name = func.coalesce(
        listed(grant, "$.authenticationStrength.displayName"),
        listed(grant, "$.authenticationStrength.id"),
    )
    others = spelled(leaf, leaf.c.path, leaf_text(leaf), ~(apart | strength))
    return listed(grant, "$.builtInControls[*]"), strength_name, others


def details(controls: ColumnElement[object]) -> ColumnElement[str]:
    """Return every control with its modes as `path: value`, those that are switched off included."""
    leaf = leaves(controls)
    return spelled(leaf, leaf.c.path, leaf_text(leaf))


def unknown_to_us(
    conditions: ColumnElement[object], grant: ColumnElement[object], session: ColumnElement[object]
) -> ColumnElement[str]:
    """Return `path: values` of what the vocabulary of `conditional_access` does not have; or null."""
    parts = (
        unknown_parts(conditions, "conditions", CONDITIONS),
        unknown_parts(grant, "grantControls", GRANT_CONTROLS),
        unknown_parts(session, "sessionControls", SESSION_CONTROLS),
    )
    return func.nullif(func.concat_ws("; ", *parts), "", type_=Text)


def effect(
    conditions: ColumnElement[object],
    grant: ColumnElement[object],
    in_force: ColumnElement[str],
    unknown: ColumnElement[str],
) -> ColumnElement[str]:
    """Return the code of `labels.POLICY_EFFECT`: what the policy does where it is on."""
    leaf = leaves(conditions)
    text = leaf_text(leaf)
    targets = leaf.c.path.regexp_match(r"^(users|applications)\.include")
    narrows = text.is_not(None) & ~targets & tuple_(leaf.c.path, text).not_in(_WIDE)
    limit = select(literal(1)).select_from(leaf).where(narrows).exists()
    everything = (
        has(conditions, '$.users.includeUsers[*] ? (@ == "All")')
        & has(conditions, '$.applications.includeApplications[*] ? (@ == "All")')
        & ~limit
    )
    blocks = has(grant, '$.builtInControls[*] ? (@ == "block")')
    return case(
        (unknown.is_not(None), "unknown"),
        (blocks & everything, "blocks_everyone"),
        (blocks, "blocks"),
        (joined(*grants(grant)).is_not(None), "grants"),
        (in_force.is_not(None), "session"),
        else_="none",
    )
