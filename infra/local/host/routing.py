"""Which function answers a request: routes in function-name order, the first match wins."""

from dataclasses import dataclass
from urllib.parse import unquote

from infra.local.host.functions import Function
from infra.local.host.route_template import RouteTemplate

RESERVED = ("admin", "runtime")


@dataclass(frozen=True, slots=True)
class Route:
    """The route of one HTTP function; `methods` None means every method."""

    function: Function
    text: str
    methods: frozenset[str] | None
    template: RouteTemplate

    @property
    def methods_text(self) -> str:
        """The methods as the start banner shows them."""
        return ",".join(sorted(self.methods)) if self.methods else "ALL"

    def conflicts(self, other: "Route") -> bool:
        """Same template text and a method in common; templates that merely overlap are fine."""
        if self.text.strip("/").lower() != other.text.strip("/").lower():
            return False
        return self.methods is None or other.methods is None or bool(self.methods & other.methods)


class RouteTable:
    """All routes of an app, tried in the order of function names.

    There is no preference for literals: `things/{id}` of function `a` hides `things/latest` of
    function `b`.
    """

    def __init__(self, functions: list[Function], prefix: str) -> None:
        self.routes: list[Route] = []
        self.faults: dict[str, str] = {}
        for function in functions:
            if function.trigger.type != "httpTrigger":
                continue
            try:
                self._add(_route(function, prefix))
            except ValueError as error:
                self.faults[function.name] = str(error)

    def _add(self, route: Route) -> None:
        earlier = next((other for other in self.routes if other.conflicts(route)), None)
        if earlier is not None:
            raise ValueError(f"its route conflicts with that of {earlier.function.name}")
        self.routes.append(route)

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]] | None:
        """The route that serves a request and its values; None is 404, wrong methods included."""
        path = decode_path(raw_path)
        for route in self.routes:
            if route.methods is None or method.upper() in route.methods:
                values = route.template.match(path)
                if values is not None:
                    return route, values
        return None


def decode_path(raw_path: str) -> str:
    """Percent-decode a path as Kestrel does: an encoded slash stays encoded."""
    return unquote(raw_path.replace("%2F", "%252F").replace("%2f", "%252f"))


def _route(function: Function, prefix: str) -> Route:
    text = str(function.trigger.get("route", "")).strip() or function.name
    if text.lower().startswith(RESERVED):
        raise ValueError(f"the route {text!r} is reserved")
    # A leading slash after a prefix leaves an empty segment, which ASP.NET Core refuses.
    full = f"{prefix.strip('/')}/{text}" if prefix.strip("/") else text
    listed = function.trigger.get("methods")
    methods = frozenset(str(method).upper() for method in listed) if listed else None
    return Route(function, text, methods, RouteTemplate(full))
