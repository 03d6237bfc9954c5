"""What every route declares: found by scan, one at each endpoint, and nothing in it contradicts itself."""

import inspect
import re
from typing import get_args

import pytest

from shared.core.text import Text
from shared.web.endpoint import Endpoint, Method, endpoints
from shared.web.http import Response
from shared.web.route import Call, Route
from shared.web.routes import route_at, routes


def test_every_endpoint_has_one_route_and_every_route_an_endpoint() -> None:
    found = sorted((route_at(endpoint) for endpoint in endpoints()), key=routes().index)
    assert tuple(found) == routes()
    assert len(routes()) == len(endpoints()) == 20
    assert len({endpoint.function for endpoint in endpoints()}) == len(endpoints())


def test_what_changes_something_has_a_name_of_its_own_for_an_audit_log() -> None:
    names = [route.changes for route in routes() if route.changes is not None]
    assert len(set(names)) == len(names) == 7
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", name) for name in names)
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


def test_a_handler_takes_the_body_that_its_route_reads() -> None:
    for route in routes():
        [parameter] = inspect.signature(route.handle).parameters.values()
        if route.body is None:
            assert parameter.annotation is Call, route.path
        else:
            assert get_args(parameter.annotation) == (route.body,), route.path
