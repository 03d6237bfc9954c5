"""`$batch`: up to twenty requests in one, each answered by itself."""

from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from infra.local.sandbox.faults import DAMAGES, damage
from infra.local.sandbox.messages import ApiError, Reply, Request, json_reply
from infra.local.sandbox.routing import Call, Route

MAX_REQUESTS = 20
_FAILED_DEPENDENCY = {"error": {"code": "FailedDependency", "message": "A dependency failed."}}


def _batch(call: Call) -> Reply:
    body = call.request.json()
    items = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise ApiError(400, "BadRequest", "Invalid batch payload format.")
    if len(items) > MAX_REQUESTS:
        raise ApiError(
            400, "BadRequest", f"Number of batch request steps exceeds the limit of {MAX_REQUESTS}."
        )
    answers: dict[str, dict[str, Any]] = {}
    for key, item in _checked(items).items():
        needs = [str(name).lower() for name in item.get("dependsOn") or ()]
        if any(answers[need]["status"] >= 400 for need in needs):
            answers[key] = {"id": item["id"], "status": 424, "body": _FAILED_DEPENDENCY}
        else:
            answers[key] = _answer(call, item)
    # Graph answers in any order; reversing keeps clients from relying on theirs.
    return json_reply({"responses": list(reversed(answers.values()))})


def _checked(items: list[Any]) -> dict[str, dict[str, Any]]:
    """The steps by lower-case id; raises ApiError 400 when one is malformed.

    Rules: "Combine multiple HTTP requests using JSON batching".
    """
    steps: dict[str, dict[str, Any]] = {}
    for item in items:
        key = str(item.get("id", "")).lower() if isinstance(item, dict) else ""
        if not key or key in steps:
            raise ApiError(400, "BadRequest", "Batch request ids must be present and unique.")
        needs, headers = item.get("dependsOn") or [], item.get("headers") or {}
        if not isinstance(needs, list) or not isinstance(headers, dict):
            raise ApiError(400, "BadRequest", f"Batch request '{item['id']}' is malformed.")
        if any(str(need).lower() not in steps for need in needs):
            raise ApiError(
                400, "BadRequest", f"Request '{item['id']}' depends on no earlier request."
            )
        if item.get("body") is not None and "content-type" not in map(str.lower, headers):
            raise ApiError(
                400, "BadRequest", f"Request '{item['id']}' has a body and no Content-Type header."
            )
        steps[key] = item
    return steps


def _answer(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    url = unquote(str(item.get("url", "")))
    path, _, query = str(item.get("url", "")).partition("?")
    headers = {name.lower(): str(value) for name, value in (item.get("headers") or {}).items()}
    version = call.request.path.split("/", 2)[1]
    request = Request(
        method=str(item.get("method", "")).upper(),
        path=f"/{version}/{unquote(path).lstrip('/')}",
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers={"client-request-id": call.request.request_id, **headers},
        body=msgspec.json.encode(item["body"]) if item.get("body") is not None else b"",
        raw_target=f"/{version}/{url.lstrip('/')}",
    )
    if request.path.endswith("/$batch") or call.again is None:
        return {
            "id": item["id"],
            "status": 400,
            "body": {"error": {"code": "BadRequest", "message": "Nested batch."}},
        }
    answer_to = call.again(request, call.caller)
    reply: Reply = answer_to.reply
    # What would make the whole unreadable befalls the whole, by its own address.
    damages = [one for one in answer_to.rules if one.kind in DAMAGES - {"malformed_json", "body"}]
    if damages:
        reply.body, reply.packed = damage(reply, reply.plain(), damages), None
    kept = ("content-type", "retry-after", "location", "x-ms-resource-unit")
    answer: dict[str, Any] = {
        "id": item["id"],
        "status": reply.status,
        "headers": {name.title(): reply.headers[name] for name in kept if name in reply.headers},
    }
    if reply.plain():
        answer["body"] = (
            msgspec.Raw(reply.plain())
            if "json" in reply.headers.get("content-type", "")
            else reply.plain().decode()
        )
    return answer


ROUTES = (Route(r"/\$batch", _batch, (), budget="", methods=("POST",)),)
