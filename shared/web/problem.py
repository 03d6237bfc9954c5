"""Errors as problem+json (RFC 9457) or as a page of the same, in the caller's language."""

from typing import TYPE_CHECKING

from shared.core.errors import (
    InProgress,
    KanriError,
    Throttled,
    TooManyRequests,
    Unauthenticated,
)
from shared.core.names import shown
from shared.core.text import Lang, text
from shared.web.endpoint import Kind
from shared.web.http import Request, Response
from shared.web.links import path_of

if TYPE_CHECKING:
    from shared.web.shapes import Problem

# The type is a name, not an address: RFC 9457 section 3.1.1 allows both.
TYPE = "urn:kanri:problem:"


def problem(
    error: KanriError, request: Request, lang: Lang, request_id: str, kind: Kind = "api"
) -> Response:
    """Return the answer for `error`: `code` is stable, `parameter` names the input at fault."""
    told = _told(error.status, error.code, error.message(lang), request, lang, request_id)
    told.parameter = None if error.parameter is None else shown(error.parameter)
    response = _in_form(told, kind, lang)
    if isinstance(error, InProgress | Throttled | TooManyRequests):
        response.headers["Retry-After"] = str(round(error.retry_after + 0.5))
    elif error.retryable and not isinstance(error, Unauthenticated):
        response.headers["Retry-After"] = "5"
    return response


def internal_problem(request: Request, lang: Lang, request_id: str, kind: Kind = "api") -> Response:
    """Return the answer for a bug of ours: nothing but the request id to look up in the log."""
    detail = text("error.internal", lang)
    return _in_form(_told(500, "internal", detail, request, lang, request_id), kind, lang)


def _told(
    status: int, code: str, detail: str, request: Request, lang: Lang, request_id: str
) -> "Problem":
    from shared.web.shapes import Problem

    return Problem(
        type=TYPE + code,
        title=text(f"status.{status}", lang),
        status=status,
        # It quotes what the caller wrote, which may hide or turn round what people read.
        detail=shown(detail),
        instance=path_of(request),
        code=code,
        request_id=request_id,
    )


def _in_form(told: "Problem", kind: Kind, lang: Lang) -> Response:
    """A person in a browser is shown a page; programs and services are told in JSON."""
    if kind == "page":
        from shared.web.problem_page import HEADERS, problem_page

        body, headers = problem_page(told, lang), HEADERS
    else:
        import msgspec

        body, headers = msgspec.json.encode(told), {"Content-Type": "application/problem+json"}
    return Response(told.status, body, {**headers, "Cache-Control": "no-store"})
