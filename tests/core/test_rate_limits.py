"""Limits as they are declared, and what a deployment sets instead."""

from typing import get_args

import pytest

from shared.core.rate_limit import RATE_LIMITS, Counted, Doing, limits_in_force
from shared.core.registry import of
from shared.web.http import Request
from shared.web.routes import routes


def test_whatever_is_done_is_limited_for_each_it_could_be_counted_for() -> None:
    limits = limits_in_force("")
    for doing in get_args(Doing.__value__):
        counted = {who for limit in limits if doing in limit.counts for who in limit.quotas}
        wanted = {"address", "key"} if doing == "failing" else {"caller", "address", "tenant"}
        assert counted == wanted, doing
    assert {who for limit in limits for who in limit.quotas} == set(get_args(Counted.__value__))


def test_nobody_takes_all_that_an_address_or_a_tenant_has() -> None:
    for limit in limits_in_force(""):
        if "caller" in limit.quotas:
            assert limit.quotas["caller"] < min(limit.quotas["address"], limit.quotas["tenant"])


def test_a_deployment_sets_quotas_and_leaves_the_others() -> None:
    changed = {one.name: one for one in limits_in_force("reading.caller=7  writing.tenant=9")}
    assert changed["reading"].quotas["caller"] == 7
    assert changed["reading"].quotas["tenant"] == of(RATE_LIMITS)["reading"].quotas["tenant"]
    assert changed["writing"].quotas["tenant"] == 9


@pytest.mark.parametrize(
    "wrong",
    [
        "reading",
        "reading.caller",
        "reading.caller=0",
        "reading.caller=-1",
        "reading.key=1",
        "x.y=1",
    ],
)
def test_what_sets_no_quota_of_ours_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"none of|no positive"):
        limits_in_force(f"writing.caller=5 {wrong}")


def test_what_a_request_spends_follows_from_its_route() -> None:
    """Probes are never limited; whatever changes something is a writing, a file an export."""
    seen = {}
    for route in routes():
        for form in ("", "csv"):
            request = Request(route.method, "https://x", {"format": form} if form else {}, {}, {})
            seen[route.endpoint.function, form] = route.doing(request)
        if route.changes is not None:
            assert route.doing(request) == "writing"
    free = {function for (function, _), doing in seen.items() if doing is None}
    assert free == {"http_health_live", "http_health_ready"}
    assert (seen["http_report", ""], seen["http_report", "csv"]) == ("reading", "exporting")
