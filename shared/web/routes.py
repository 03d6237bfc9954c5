"""Finds routes: all of them, or the one of an endpoint without importing the others."""

from functools import cache
from importlib import import_module

from shared.web.endpoint import Endpoint, endpoints
from shared.web.route import Route


@cache
def routes() -> tuple[Route, ...]:
    """Return the routes of all nouns, by path and method."""
    found = [route for package in set(endpoints().values()) for route in _routes_of(package)]
    return tuple(sorted(found, key=lambda route: (route.path, route.method)))


@cache
def route_at(endpoint: Endpoint) -> Route:
    """Return the one route that `endpoint` has."""
    [route] = [route for route in _routes_of(endpoints()[endpoint]) if route.endpoint == endpoint]
    return route


def _routes_of(package: str) -> list[Route]:
    module = import_module(f"{package}.routes")
    return [value for value in vars(module).values() if isinstance(value, Route)]
