"""Answers a request that comes again, by its Idempotency-Key, with what was answered before.

draft-ietf-httpapi-idempotency-key-header-07 (expired; a convention, no standard): another request
under the same key is 422, one whose first copy is still being answered 409.

With a key all that the route does is one transaction: its effects, its audit event and the answer
that is kept happen together or not at all. What was refused, or broke, is kept nowhere and may come
again.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.core.errors import BadRequest, Unprocessable
from shared.core.logs import log
from shared.core.work import DEPLOYMENT
from shared.web.http import Request, Response
from shared.web.route import Call, Route, tenant_in_path

if TYPE_CHECKING:
    from shared.store.registers.kept_answers import KeptAnswer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(hours=24)

# As the draft has it, a string in quotes (RFC 9651); and as most clients send it, bare.
_SIGNS = r"[!#-+\--\[\]-~]{1,255}"
# The same for the description of the API.
FORM = rf'^({_SIGNS}|"{_SIGNS}")$'
_KEY = rf'"(?P<quoted>{_SIGNS})"|(?P<bare>{_SIGNS})'


def key_of(route: Route, request: Request) -> str | None:
    """Return the key of a request to a route that takes one; BadRequest if it is malformed."""
    given = request.headers.get(HEADER.lower())
    if given is None or not route.repeatable:
        return None
    found = re.fullmatch(_KEY, given.strip())
    if found is None:
        raise BadRequest("idempotency_key_malformed", parameter=HEADER)
    return found["quoted"] or found["bare"]


def once[B](
    route: Route, key: str | None, call: Call[B], handle: Callable[[], Response]
) -> Response:
    """Return what `handle` answers, or, if the same came before, what it answered then.

    Without a key it is done whenever it comes. Raises InProgress, and Unprocessable if it was
    another request that came under the key.
    """
    if key is None:
        return handle()
    from shared.store.registers.kept_answers import KeptAnswer, KeptAnswers, Repeatable
    from shared.store.session.joining import joined

    request = call.request
    tenant_id = DEPLOYMENT if route.tenant == "none" else tenant_in_path(request)
    asked = Repeatable(tenant_id, call.caller.name, route.changes or "", key)
    answers, digest = KeptAnswers(call.doors.engine), _digest(request)
    with joined(call.doors.engine):
        before = answers.take(asked, call.now)
        if before is not None:
            return _again(before, digest)
        response = handle()
        if response.status < 400:
            kept = KeptAnswer(digest, response.status, response.headers, _body(route, response))
            answers.keep(asked, kept, call.now + KEPT_FOR)
    return response


def _again(before: "KeptAnswer", digest: bytes) -> Response:
    if before.request != digest:
        hours = round(KEPT_FOR / timedelta(hours=1))
        raise Unprocessable("idempotency_key_reused", parameter=HEADER, hours=hours)
    log("request_repeated")
    headers = {**before.headers, REPLAYED: "true"}
    return Response(before.status, before.body, headers, replayed=True)


def _digest(request: Request) -> bytes:
    """What makes two requests the same: path, query (but for the language) and the body's bytes."""
    query = {name: value for name, value in request.query.items() if name != "lang"}
    asked = repr((sorted(request.route.items()), sorted(query.items()))).encode("utf-8", "replace")
    return hashlib.sha256(hashlib.sha256(asked).digest() + request.body).digest()


def _body(route: Route, response: Response) -> bytes:
    """Return the body as it is kept: what is shown once is kept nowhere."""
    if not route.shown_once:
        return response.body
    import msgspec

    told = msgspec.json.decode(response.body)
    return msgspec.json.encode(told | dict.fromkeys(route.shown_once))
