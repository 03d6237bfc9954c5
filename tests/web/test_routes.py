"""What every route declares: found by scan, one at each endpoint, and nothing in it contradicts itself."""

import inspect
import re
from typing import Literal, get_args

import pytest

from shared.core.text import Text
from shared.web.endpoint import Endpoint, Kind, Method, endpoints
from shared.web.http import Response
from shared.web.route import Call, Route
from shared.web.routes import route_at, routes


def test_every_endpoint_has_one_route_and_every_route_an_endpoint() -> None:
    found = sorted((route_at(endpoint) for endpoint in endpoints()), key=routes().index)
    assert tuple(found) == routes()
    assert len(routes()) == len(endpoints()) > 20
    assert len({endpoint.function for endpoint in endpoints()}) == len(endpoints())


def test_what_changes_something_has_a_name_of_its_own_for_an_audit_log() -> None:
    names = [route.changes for route in routes() if route.changes is not None]
    assert len(set(names)) == len(names) > 7
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", name) for name in names)
    assert all((route.changes is None) == (route.method == "GET") for route in routes())


def test_a_change_without_a_name_and_a_named_reading_are_refused() -> None:
    cases: tuple[tuple[Method, str | None], ...] = (
        ("POST", None),
        ("DELETE", None),
        ("GET", "tenant.read"),
    )
    for method, changes in cases:
        with pytest.raises(ValueError, match="what changes has a name"):
            Route(
                Endpoint("http_x", method, "v1/x"),
                permission="tenant:write",
                summary=Text("x", "x"),
                handle=lambda _: Response(),
                changes=changes,
            )


def test_a_tenant_in_a_path_is_looked_for_by_the_front() -> None:
    """Nothing else in `shared.web` asks whether one is there, so no route can forget it."""
    assert {route.tenant for route in routes() if "{tenant}" not in route.path} == {"none"}
    assert {route.tenant for route in routes()} == {"none", "known", "connected"}


@pytest.mark.parametrize(
    ("path", "tenant", "permission", "why"),
    [
        ("v1/tenants/{tenant}/x", "none", "report:read", "known or connected"),
        ("v1/x", "connected", "report:read", "known or connected"),
        ("v1/tenants/{tenant}/x", "known", "anonymous", "nobody is told"),
    ],
)
def test_a_route_that_contradicts_itself_is_refused(
    path: str,
    tenant: Literal["none", "known", "connected"],
    permission: Literal["report:read", "anonymous"],
    why: str,
) -> None:
    with pytest.raises(ValueError, match=why):
        Route(
            Endpoint("http_x", "GET", path),
            permission=permission,
            summary=Text("x", "x"),
            handle=lambda _: Response(),
            tenant=tenant,
        )


@pytest.mark.parametrize(
    "path",
    ["", "/tenants", "{page}", "api", "api/x", "API/x", "admin", "administrators", "runtime/x"],
)
def test_a_page_cannot_stand_where_the_host_or_the_api_does(path: str) -> None:
    with pytest.raises(ValueError, match="nobody else's"):
        Route(
            Endpoint("http_x", "GET", path, kind="page"),
            permission="report:read",
            summary=Text("x", "x"),
            handle=lambda _: Response(),
        )


def test_pages_stand_at_the_root_and_everything_else_below_api() -> None:
    kinds: tuple[Kind, ...] = ("api", "hook", "page")
    stands = [Endpoint("http_x", "GET", "apis/{x}", kind=kind).route for kind in kinds]
    assert stands == ["api/apis/{x}", "api/apis/{x}", "apis/{x}"]


def test_a_handler_takes_the_body_that_its_route_reads() -> None:
    for route in routes():
        [parameter] = inspect.signature(route.handle).parameters.values()
        kind = route.body if route.text is None else bytes
        if kind is None:
            assert parameter.annotation is Call, route.path
        else:
            assert get_args(parameter.annotation) == (kind,), route.path
