"""Sends a file in pieces by an upload session: what is cut goes on where Graph says that it stopped.

https://learn.microsoft.com/en-us/graph/api/driveitem-createuploadsession: the session's address is
signed beforehand, on another host, and lets in whoever knows it. Pieces are multiples of 320 KiB and
come in order; one that has arrived already is answered by 416. The last one makes the item.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from shared.core.errors import (
    GraphError,
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    OutcomeUnknown,
    Throttled,
)
from shared.graph.client import GraphClient, Written
from shared.graph.refusals import refusal, retry_after_of

UNIT = 320 * 1024
PIECE = 32 * UNIT
_LARGEST_PIECE = 60 << 20
_COST = 2  # resource units of SharePoint for whatever writes

# From where, and how many bytes: asked for again when a piece has to be sent again.
type Source = Callable[[int, int], Awaitable[bytes]]


class _Told(msgspec.Struct):
    url: str = msgspec.field(name="uploadUrl", default="")
    expires: str = msgspec.field(name="expirationDateTime", default="")
    ranges: list[str] = msgspec.field(name="nextExpectedRanges", default_factory=list)


class _Inner(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Refusal(msgspec.Struct):
    error: _Inner = msgspec.field(default_factory=_Inner)


@dataclass(slots=True)
class UploadSession:
    """Where to send, and from which byte on. `url` is a secret until it expires."""

    bucket: str
    url: str = field(repr=False)
    expires: str
    next: int = 0


async def begin_upload(
    client: GraphClient, url: str, item: Mapping[str, object], *, bucket: str
) -> UploadSession:
    """Create a session by POST to `url`, which ends in `createUploadSession`. Raises as `write`."""
    body = msgspec.json.encode({"item": item})
    told = _told((await client.write("POST", url, body, bucket=bucket, cost=_COST)).body)
    if not told.url:
        raise MalformedAnswer("graph_malformed", reason="no address to upload to")
    return UploadSession(bucket, told.url, told.expires, _first(told))


async def send_pieces(
    client: GraphClient, session: UploadSession, source: Source, size: int, *, piece: int = PIECE
) -> bytes:
    """Send what is missing of `size` bytes; return the item that was made, as JSON.

    Transient troubles are waited out, with the client's patience for each piece. Raises GraphError
    `upload_gone` when the session is no more, OutcomeUnknown when it ended with the last piece and
    nobody said how, else as `write`; the session can be gone on with after a retryable error.
    """
    if piece % UNIT or not 0 < piece <= _LARGEST_PIECE:
        raise ValueError(f"pieces are multiples of {UNIT} bytes, at most {_LARGEST_PIECE}")
    attempt = 0
    while True:
        start = session.next
        end = min(start + piece, size)
        try:
            item = await _send(client, session, await source(start, end - start), end, size)
        except (Throttled, GraphUnavailable) as error:
            if not await client.again(error, attempt):
                raise
            await _look(client, session, last=end == size)
        else:
            if item is not None:
                return item
        attempt = 0 if session.next > start else attempt + 1
        if attempt >= client.patience.attempts:
            raise MalformedAnswer("graph_malformed", reason="the upload does not go on")


async def cancel_upload(client: GraphClient, session: UploadSession) -> None:
    """Let Graph forget what has arrived. A session that is gone already is no error."""
    answer = await client.send_away("DELETE", session.url, bucket=session.bucket, cost=_COST)
    if answer.status not in (204, 404, 410):
        raise _refused(answer)


async def _send(
    client: GraphClient, session: UploadSession, piece: bytes, end: int, size: int
) -> bytes | None:
    """Send one piece; return the item if it was the last one."""
    headers = (("Content-Range", f"bytes {session.next}-{end - 1}/{size}"),)
    answer = await client.send_away(
        "PUT", session.url, piece, headers=headers, bucket=session.bucket, cost=_COST
    )
    if answer.status in (200, 201):
        return answer.body
    if answer.status == 202:
        session.next = _first(_told(answer.body))
    elif answer.status == 416:
        await _look(client, session, last=end == size)
    else:
        raise _refused(answer)
    return None


async def _look(client: GraphClient, session: UploadSession, *, last: bool) -> None:
    """Ask which byte is expected next. No session after the `last` piece: it may have made the item."""
    try:
        answer = await client.send_away("GET", session.url, bucket=session.bucket, cost=1)
    except GraphUnavailable:
        return  # the piece is sent again, and its answer tells
    if answer.status == 200:
        session.next = _first(_told(answer.body))
        return
    error = _refused(answer)
    if last and error.code == "upload_gone":
        raise OutcomeUnknown("outcome_unknown", status=answer.status, request="-")
    if not error.retryable:
        raise error


def _told(body: bytes) -> _Told:
    try:
        return msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, RecursionError):
        raise MalformedAnswer("graph_malformed", reason="no upload session") from None


def _first(told: _Told) -> int:
    """Return the first byte of the first range that is missing: `26-`, `0-25`, or `26` alone."""
    start = told.ranges[0].partition("-")[0] if told.ranges else ""
    if not start.isdecimal():
        raise MalformedAnswer("graph_malformed", reason="no byte that is expected next")
    return int(start)


def _refused(answer: Written) -> KanriError:
    """Return what a refusal means: nothing of our permissions, for the address needs none."""
    if answer.status in (401, 403, 404, 410):
        return GraphError("upload_gone", status=answer.status)
    try:
        said = msgspec.json.decode(answer.body, type=_Refusal).error
    except (msgspec.DecodeError, RecursionError):
        said = _Inner()
    request = answer.headers.get("request-id", "")
    wait = retry_after_of(answer.headers)
    return refusal(answer.status, said.code, said.message, request_id=request, retry_after=wait)
