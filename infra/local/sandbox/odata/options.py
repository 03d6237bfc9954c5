"""The system query options of a list request, checked the way Graph checks them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.local.sandbox.messages import ApiError
from infra.local.sandbox.odata.filters import Filter, comparable
from infra.local.sandbox.odata.schema import EntityType
from infra.local.sandbox.routing import Call

ONE = frozenset({"$select"})
ALL = frozenset({"$select", "$filter", "$top", "$expand", "$count", "$search", "$orderby"})
_ADVANCED = frozenset({"ne", "not", "endswith", "$count"})
_TERM = re.compile(r'"(?:(?P<property>[A-Za-z]\w*):)?(?P<text>(?:[^"\\]|\\.)*)"')


def unsupported(text: str) -> ApiError:
    """The error of the directory for queries it does not serve."""
    return ApiError(400, "Request_UnsupportedQuery", text)


def bad_request(text: str) -> ApiError:
    """The error for options that are malformed."""
    return ApiError(400, "BadRequest", text)


@dataclass(frozen=True, slots=True)
class Options:
    """What a list request asks for; `predicate` joins `$filter` and `$search`."""

    select: tuple[str, ...] | None
    predicate: Callable[[Any], bool] | None
    filter: Filter | None
    top: int | None
    expand: dict[str, tuple[str, ...] | None]
    count: bool
    order: tuple[tuple[str, bool], ...]


def refuse_options(query: dict[str, str], allowed: frozenset[str]) -> None:
    """Raise ApiError 400 for a system query option that the resource does not have."""
    for name in query:
        if name.startswith("$") and name not in allowed and name not in ("$skiptoken", "$format"):
            raise bad_request(f"Query option '{name}' is not supported on this resource.")


def read_options(call: Call, kind: EntityType, allowed: frozenset[str] = ALL) -> Options:
    """Parse and check the options of a request; raises ApiError 400 or 501."""
    query = call.query
    refuse_options(query, allowed)
    select = read_select(query.get("$select"), kind)
    found = Filter(query["$filter"]) if "$filter" in query else None
    if found is not None:
        _known(found.paths, kind)
    order = _order(query.get("$orderby"), kind)
    counted = query.get("$count", "").lower() == "true" or call.request.path.endswith("/$count")
    if kind.directory:
        _advanced(call, kind, found, order, counted=counted)
    search = _search(query.get("$search"), call, kind)
    predicates = [test for test in (found.matches if found else None, search) if test]
    return Options(
        select=select,
        predicate=None if not predicates else lambda row: all(test(row) for test in predicates),
        filter=found,
        top=_top(query.get("$top")),
        expand=_expand(query.get("$expand"), kind),
        count=counted and (call.eventual or not kind.directory),
        order=order,
    )


def _known(paths: set[str], kind: EntityType) -> None:
    for name in paths:
        if name not in kind.properties and name not in kind.expandable and "_" not in name:
            raise bad_request(f"Could not find a property named '{name}' on type '{kind.name}'.")


def read_select(
    text: str | None, kind: EntityType, *, navigation: bool = False, single: bool = False
) -> tuple[str, ...] | None:
    """The selected names, None for the default set.

    Delta may select `members` too (`navigation`); some properties belong to `single` objects.
    """
    if text is None or text.strip() == "*":
        return None
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name in kind.single_only and not single:
            raise ApiError(501, "NotImplemented", f"'{name}' is not supported on the collection.")
        if name not in kind.properties and not (navigation and name in kind.expandable):
            if "/" in name or name.startswith("extension_"):
                continue
            raise bad_request(f"Could not find a property named '{name}' on type '{kind.name}'.")
    return names


def _top(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise bad_request(f"Invalid value '{text}' for $top query option found.")
    return int(text)


def _order(text: str | None, kind: EntityType) -> tuple[tuple[str, bool], ...]:
    items = []
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, _, direction = part.strip().partition(" ")
        if name not in kind.properties:
            raise bad_request(f"Could not find a property named '{name}' on type '{kind.name}'.")
        items.append((name, direction.strip().lower() == "desc"))
    return tuple(items)


def _advanced(
    call: Call,
    kind: EntityType,
    found: Filter | None,
    order: tuple[tuple[str, bool], ...],
    *,
    counted: bool,
) -> None:
    """The ConsistencyLevel rules ("Advanced query capabilities on Entra ID objects")."""
    ready = call.eventual and counted
    features = found.features if found else set()
    if features & _ADVANCED and not ready:
        raise unsupported(
            "Operator is not supported because the required parameters might be missing."
        )
    if found and order and not ready:
        raise unsupported("Sorting is not supported for current query.")
    if order and not ready and any(name not in kind.free_order for name, _down in order):
        raise unsupported("Sorting is not supported for current query.")
    if "$search" in call.query and not call.eventual:
        raise unsupported(
            "Request with $search query parameter only works with 'ConsistencyLevel:eventual'."
        )
    if "$expand" in call.query and call.eventual and counted:
        raise unsupported("$expand is not supported together with advanced queries.")


def _search(text: str | None, call: Call, kind: EntityType) -> Callable[[Any], bool] | None:
    if text is None:
        return None
    terms = list(_TERM.finditer(text))
    if not terms or not call.eventual:
        raise bad_request("Syntax error: character ':' is not valid at position 0 in the search.")
    for term in terms:
        if term["property"] and term["property"] not in kind.searchable:
            raise unsupported(f"Property '{term['property']}' is not searchable.")

    def hit(term: re.Match[str], row: Any) -> bool:
        words = comparable(term["text"]).split()
        names = [term["property"]] if term["property"] else ["displayName"]
        held = " ".join(comparable(str(row.get(name) or "")) for name in names)
        return all(word in held for word in words)

    decide = any if re.search(r'"\s+OR\s+"', text) else all
    return lambda row: decide(hit(term, row) for term in terms)


def _expand(text: str | None, kind: EntityType) -> dict[str, tuple[str, ...] | None]:
    """Expanded navigation property to its inner `$select` (None: default)."""
    wanted: dict[str, tuple[str, ...] | None] = {}
    for match in re.finditer(r"([A-Za-z]\w*)(?:\(([^)]*)\))?", text or ""):
        name, inner = match[1], match[2]
        if name not in kind.expandable:
            raise bad_request(f"Could not find a property named '{name}' on type '{kind.name}'.")
        chosen = re.search(r"\$select=([\w,]+)", inner or "")
        wanted[name] = tuple(chosen[1].split(",")) if chosen else None
    return wanted
