"""Finds every route by scanning `shared.web.endpoints`."""

from functools import cache
from importlib import import_module
from pathlib import Path

from shared.web.route import Route

_ENDPOINTS = Path(__file__).parent / "endpoints"


@cache
def routes() -> tuple[Route, ...]:
    """Return the routes of all endpoint files, by path and method."""
    found = [
        value
        for file in _ENDPOINTS.glob("[!_]*.py")
        for value in vars(import_module(f"shared.web.endpoints.{file.stem}")).values()
        if isinstance(value, Route)
    ]
    return tuple(sorted(found, key=lambda route: (route.path, route.method)))
