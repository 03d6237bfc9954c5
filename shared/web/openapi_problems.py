"""What each route refuses, by status: derived from what it declares, for the description of the API."""

from collections.abc import Mapping
from typing import Any

from shared.core.text import Lang, text
from shared.web.openapi_headers import OF_LIMITS
from shared.web.route import Route

type Json = dict[str, Any]

# What a check of the caller finds, whatever the route: shared.usecases.authenticate.
_NOT_LET_IN = (
    "credentials_missing",
    "key_address",
    "key_elsewhere",
    "key_invalid",
    "token_expired",
    "token_foreign",
    "token_invalid",
    "token_not_accepted",
)
_OF_A_BODY = ("body_field_missing", "body_field_unknown", "body_invalid", "body_not_json")
_IN_PROGRESS = "request_in_progress"
_OF_LIMITS = ("rate_limited", "sign_ins_blocked")
# What is kept sealed does not open: only a deployment that lacks a key, or has lost its own, shows it.
_OF_SEALING = ("sealed_altered", "sealed_key_unknown", "sealing_key_missing")
_STORE_AWAY = ("store_busy", "store_slow", "store_unavailable")

# What Graph or Entra may say to a route that asks them: `refuses={502: ASKS_GRAPH}`.
ASKS_GRAPH = (
    "certificate_unusable",
    "credential_missing",
    "entra_refused",
    "graph_link_foreign",
    "graph_malformed",
    "graph_not_licensed",
    "graph_not_permitted",
    "graph_refused",
    "graph_unauthorized",
)
GRAPH_AWAY = (
    "entra_unreachable",
    "graph_budget",
    "graph_busy",
    "graph_throttled",
    "graph_unavailable",
    "graph_unreachable",
)


def refusals(route: Route) -> dict[int, tuple[str, ...]]:
    """Return the error codes of the route by status, both in order."""
    usual = {"parameter_malformed", "parameter_unknown", "value_not_allowed"}
    found: dict[int, set[str]] = {400: usual, 500: {"internal"}}
    for parameter in route.parameters:
        found[400].update(parameter.codes)
    names = {part for part in route.path.split("/") if part.startswith("{")}
    if names & {"{tenant}", "{id}"}:
        found[400].add("guid_expected")
    if "{tenant}" in names:
        found[404] = {"tenant_unknown"}
    _add_of_writes(route, found)
    if route.permission != "anonymous":
        found |= {
            401: set(_NOT_LET_IN),
            500: {"internal", *_OF_SEALING},
            502: {"entra_unreachable", "groups_unreadable"},
            503: set(_STORE_AWAY),
        }
    if route.formats:
        found[406] = {"format_not_acceptable"}
    if allowed := _not_allowed(route, names):
        found[403] = allowed
    if route.share != "none":
        found[429] = {"caller_busy", "worker_busy", *(_OF_LIMITS if route.limited else ())}
    for status, codes in route.refuses.items():
        found.setdefault(status, set()).update(codes)
    return {status: tuple(sorted(found[status])) for status in sorted(found)}


def _add_of_writes(route: Route, found: dict[int, set[str]]) -> None:
    if route.body is not None:
        found[400].update(_OF_A_BODY)
        found |= {413: {"body_too_large"}, 415: {"media_type_unsupported"}}
    if route.text is not None:
        found |= {413: {"body_too_large"}, 415: {"media_type_other"}}
    if route.repeatable:
        found[400].add("idempotency_key_malformed")
        found |= {409: {_IN_PROGRESS}, 422: {"idempotency_key_reused"}}
    if route.guarded:
        found |= {412: {"changed_meanwhile"}, 428: {"if_match_missing"}}


def _not_allowed(route: Route, names: set[str]) -> set[str]:
    of_addresses = {"address_not_allowed"} if route.limited else set()
    if route.permission in ("anonymous", "signed_in"):
        return of_addresses
    of_tenants = {"tenant_forbidden"} if "{tenant}" in names else set()
    of_all = {"scope_too_narrow"} if route.every_tenant else set()
    return {"permission_missing", *of_addresses, *of_tenants, *of_all}


def problem_responses(route: Route, lang: Lang) -> Json:
    """Return the responses of the route that are problems, each with its codes and headers."""
    return {
        str(status): _response(status, codes, lang) for status, codes in refusals(route).items()
    }


def _response(status: int, codes: tuple[str, ...], lang: Lang) -> Json:
    # Beside the reference, not in an `allOf`: who checks an answer checks both, and who generates a
    # client has one class of problems instead of one for each route and status.
    schema = {
        "$ref": "#/components/schemas/Problem",
        "properties": {"status": {"const": status}, "code": {"enum": list(codes)}},
    }
    return {
        "description": text(f"status.{status}", lang),
        "headers": _headers(status, codes),
        "content": {
            "application/problem+json": {
                "schema": schema,
                "example": _example(status, codes[0], lang),
            }
        },
    }


def _headers(status: int, codes: tuple[str, ...]) -> Mapping[str, Json]:
    names = ["X-Request-Id", "Cache-Control"]
    if status in (429, 502, 503) or _IN_PROGRESS in codes:
        names.append("Retry-After")
    if status == 429:
        names.extend(OF_LIMITS)
    if status == 401:
        names.append("WWW-Authenticate")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _example(status: int, code: str, lang: Lang) -> Json:
    return {
        "type": f"urn:kanri:problem:{code}",
        "title": text(f"status.{status}", lang),
        "status": status,
        "detail": text(f"status.{status}", lang),
        "instance": "/api/v1/tenants",
        "code": code,
        "requestId": "0a6f8f5e-3c1b-4c55-9a53-0d5b3a1f7e21",
    }
