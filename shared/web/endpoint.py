"""Where a route stands: all that the Functions host has to know of it, and cheap to import.

Indexing the app reads the endpoints of every noun, so nothing here or in a noun's `__init__` may
import more than this file; the routes, with their handlers, shapes and texts, come with the first
request.
"""

from functools import cache
from importlib import import_module
from os import scandir
from pathlib import Path
from typing import Literal, NamedTuple

_RESOURCES = Path(__file__).parent / "resources"

type Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
type Kind = Literal["api", "page", "hook"]


class Endpoint(NamedTuple):
    """One method on one path: below `api/`, unless it is a page, which stands at the root.

    The host adds no prefix of its own to either (`routePrefix` in host.json is empty).

    `function` is the name of the function in Azure: logs, metrics and alerts know the endpoint by
    it, so it stays. `queues` are those that an answer may send messages to. `kind` says who is at
    the other end: a program (`api`), a person's browser (`page`), or a service that tells us of
    something (`hook`).
    """

    function: str
    method: Method
    path: str
    queues: tuple[str, ...] = ()
    kind: Kind = "api"

    @property
    def route(self) -> str:
        """The whole path, as the host takes it."""
        return self.path if self.kind == "page" else f"api/{self.path}"


@cache
def endpoints() -> dict[Endpoint, str]:
    """Return every endpoint with the name of the package of its noun, found by scan."""
    nouns = (file.name for file in scandir(_RESOURCES) if file.is_dir() and file.name[0] != "_")
    packages = [f"shared.web.resources.{noun}" for noun in nouns]
    return {
        value: package
        for package in sorted(packages)
        for value in vars(import_module(package)).values()
        if isinstance(value, Endpoint)
    }
