"""Bought products: `subscribedSkus` and `directory/subscriptions`."""

from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import ALL, read_options
from infra.local.sandbox.odata.pages import Listed, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity

_SKU = plain_type(
    "subscribedSku",
    "id accountId accountName appliesTo capabilityStatus consumedUnits prepaidUnits servicePlans "
    "skuId skuPartNumber subscriptionIds",
)
_SUBSCRIPTION = plain_type(
    "companySubscription",
    "id commerceSubscriptionId createdDateTime isTrial nextLifecycleDateTime ownerId ownerTenantId "
    "ownerType serviceStatus skuId skuPartNumber status totalLicenses",
)
_READ = ("LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All")


def _skus(call: Call) -> Reply:
    options = read_options(call, _SKU, frozenset({"$select"}))
    skus, gone = call.tenant.subscribed_skus(), tuple(map(str.upper, call.tenant.not_bought))
    # A service that was not bought has no plan in any product.
    rows = Listed([_without(sku, gone) for sku in skus] if gone else skus)
    return list_reply(call, rows, _SKU, "subscribedSkus", options=options)


def _without(sku: Entity, gone: tuple[str, ...]) -> Entity:
    plans = [plan for plan in sku["servicePlans"] if not plan["servicePlanName"].startswith(gone)]
    return {**sku, "servicePlans": plans}


def _subscriptions(call: Call) -> Reply:
    options = read_options(call, _SUBSCRIPTION, ALL - {"$expand", "$search", "$top"})
    rows = Listed(call.tenant.subscriptions())
    return list_reply(call, rows, _SUBSCRIPTION, "directory/subscriptions", options=options)


ROUTES = (
    Route(r"/subscribedSkus", _skus, _READ, cost=3),
    Route(r"/directory/subscriptions", _subscriptions, _READ),
)
