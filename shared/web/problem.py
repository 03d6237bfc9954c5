"""Errors as problem+json (RFC 9457), in the caller's language."""

from shared.core.errors import KanriError, Throttled, TooManyRequests, Unauthenticated
from shared.core.text import Lang, text
from shared.web.http import Request, Response
from shared.web.links import path_of

# The type is a name, not an address: RFC 9457 section 3.1.1 allows both.
TYPE = "urn:kanri:problem:"


def problem(error: KanriError, request: Request, lang: Lang, request_id: str) -> Response:
    """Return the answer for `error`: `code` is stable, `parameter` names the input at fault."""
    return _response(
        error.status, error.code, error.message(lang), request, lang, request_id, error
    )


def internal_problem(request: Request, lang: Lang, request_id: str) -> Response:
    """Return the answer for a bug of ours: nothing but the request id to look up in the log."""
    detail = text("error.internal", lang)
    return _response(500, "internal", detail, request, lang, request_id, None)


def _response(
    status: int,
    code: str,
    detail: str,
    request: Request,
    lang: Lang,
    request_id: str,
    error: KanriError | None,
) -> Response:
    import msgspec

    from shared.web.shapes import Problem

    body = Problem(
        type=TYPE + code,
        title=text(f"status.{status}", lang),
        status=status,
        detail=detail,
        instance=path_of(request),
        code=code,
        request_id=request_id,
        parameter=None if error is None else error.parameter,
    )
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if isinstance(error, Throttled | TooManyRequests):
        headers["Retry-After"] = str(round(error.retry_after + 0.5))
    elif error is not None and error.retryable and not isinstance(error, Unauthenticated):
        headers["Retry-After"] = "5"
    return Response(status, msgspec.json.encode(body), headers)
