"""Conditional Access: policies and named locations."""

from functools import partial

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.evolvable import evolved
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
    shape = partial(evolved, call, newer=_NEWER)
    return list_reply(call, call.tenant.policies, _POLICY, _POLICIES, options=options, shape=shape)


def _one_policy(call: Call) -> Reply:
    policy = call.tenant.policies.state(call.args["id"].lower())
    if policy is None:
        raise ApiError(404, "ResourceNotFound", "The policy does not exist.")
    policy = evolved(call, policy, _NEWER)
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
