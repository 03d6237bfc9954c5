"""Conditional Access: policies and named locations."""

from typing import Any

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import ALL, bad_request, read_options
from infra.local.sandbox.odata.pages import context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route, entra_premium
from infra.local.sandbox.throttling import Limit

_POLICY = plain_type(
    "conditionalAccessPolicy",
    "id templateId displayName description createdDateTime modifiedDateTime deletedDateTime state "
    "conditions grantControls sessionControls",
)
_DERIVED = frozenset(
    {"isTrusted", "ipRanges", "countriesAndRegions", "countryLookupMethod",
     "includeUnknownCountriesAndRegions"}
)  # fmt: skip
_LOCATION = plain_type(
    "namedLocation",
    f"id displayName createdDateTime modifiedDateTime deletedDateTime {' '.join(_DERIVED)}",
)
_READ = ("Policy.Read.All", "Policy.Read.ConditionalAccess")
LIMITS = {"conditional_access": (Limit(1, 1.0, silent=True, scope="Tenant"),)}
_POLICIES = "identity/conditionalAccess/policies"
_LOCATIONS = "identity/conditionalAccess/namedLocations"


# Added to their enumerations after unknownFutureValue.
_NEWER = frozenset({"linux", "riskRemediation"})


def _policies(call: Call) -> Reply:
    options = read_options(call, _POLICY, ALL - {"$expand", "$search"})
    shape = None if call.preference("include-unknown-enum-members") is not None else _held_back
    return list_reply(call, call.tenant.policies, _POLICY, _POLICIES, options=options, shape=shape)


def _held_back(value: Any) -> Any:
    """The policy for a client that has not said that it can take values it does not know.

    https://learn.microsoft.com/en-us/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
    """
    match value:
        case dict():
            return {name: _held_back(part) for name, part in value.items()}
        case list():
            return [_held_back(part) for part in value]
    return "unknownFutureValue" if value in _NEWER else value


def _one_policy(call: Call) -> Reply:
    policy = call.tenant.policies.state(call.args["id"].lower())
    if policy is None:
        raise ApiError(404, "ResourceNotFound", "The policy does not exist.")
    if call.preference("include-unknown-enum-members") is None:
        policy = _held_back(policy)
    return json_reply({"@odata.context": context(call, _POLICIES) + "/$entity", **policy})


def _locations(call: Call) -> Reply:
    options = read_options(call, _LOCATION, ALL - {"$expand", "$search"})
    foreign = _DERIVED.intersection(options.select or ())
    if foreign:  # $select names properties of the declared type only
        raise bad_request(f"Could not find a property named '{min(foreign)}' on 'namedLocation'.")
    return list_reply(call, call.tenant.named_locations, _LOCATION, _LOCATIONS, options=options)


ROUTES = (
    Route(f"/{_POLICIES}", _policies, _READ, budget="conditional_access", licence=entra_premium),
    Route(
        f"/{_POLICIES}/(?P<id>[^/]+)",
        _one_policy,
        _READ,
        "conditional_access",
        licence=entra_premium,
    ),
    Route(f"/{_LOCATIONS}", _locations, _READ, budget="conditional_access", licence=entra_premium),
)
