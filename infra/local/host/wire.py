"""Messages between the host and a worker process, and their framing on a pipe."""

import struct
from typing import Any, BinaryIO, Literal

import msgspec

type DataKind = Literal["string", "json", "bytes", "http", "int", "double"]
LENGTH = struct.Struct("<I")


class Typed(msgspec.Struct, frozen=True):
    """One value as the worker protocol types it: str, bytes, int or float as `kind` says.

    `http` carries an HttpData as msgpack bytes.
    """

    kind: DataKind
    value: Any  # msgspec cannot tell str from bytes in a union


class Cookie(msgspec.Struct, frozen=True):
    """A cookie of a response; `expires` is seconds since 1970, `max_age` seconds."""

    name: str
    value: str
    domain: str | None = None
    path: str | None = None
    expires: int | None = None
    secure: bool = False
    http_only: bool = False
    same_site: str | None = None
    max_age: float | None = None


class HttpData(msgspec.Struct, frozen=True):
    """An HTTP request on its way in, or (status, headers, cookies, body) on its way out."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    params: dict[str, str] = {}
    body: Typed | None = None
    status: str = "200"
    cookies: list[Cookie] = []


class Invoke(msgspec.Struct, frozen=True, tag=True):
    """Host to worker: call a function."""

    id: str
    function_id: str
    inputs: dict[str, Typed | None]
    metadata: dict[str, Typed]
    trace_parent: str
    trace_state: str = ""
    retry_count: int = 0
    max_retry_count: int = 0


class Retry(msgspec.Struct, frozen=True):
    """A retry policy; times in seconds, `max_count` -1 means for ever."""

    max_count: int
    fixed: bool
    delay: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0


class Indexed(msgspec.Struct, frozen=True):
    """A function as the library worker describes it; bindings are JSON texts."""

    id: str
    name: str
    bindings: list[str]
    retry: Retry | None = None


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Worker to host: the app is imported and indexed."""

    functions: list[Indexed]
    capabilities: dict[str, str]


class IndexingFailed(msgspec.Struct, frozen=True, tag=True):
    """Worker to host: the app cannot be imported or indexed."""

    message: str
    stack: str


class Result(msgspec.Struct, frozen=True, tag=True):
    """Worker to host: an invocation ended; `error` is None on success."""

    id: str
    outputs: dict[str, Typed | None] = {}
    returned: Typed | None = None
    error: str | None = None
    stack: str = ""


type FromWorker = Ready | IndexingFailed | Result
_encoder = msgspec.msgpack.Encoder()
decode_invoke = msgspec.msgpack.Decoder(Invoke).decode
_answers: msgspec.msgpack.Decoder[FromWorker] = msgspec.msgpack.Decoder(
    Ready | IndexingFailed | Result
)
decode_answer = _answers.decode
decode_http = msgspec.msgpack.Decoder(HttpData).decode


def frame(message: Invoke | Ready | IndexingFailed | Result) -> bytes:
    """Encode a message with its length in front (little-endian, four bytes)."""
    body = _encoder.encode(message)
    return LENGTH.pack(len(body)) + body


def write_frame(stream: BinaryIO, message: Ready | IndexingFailed | Result) -> None:
    """Write what `frame` returns, a big body without another copy of it."""
    body = _encoder.encode(message)
    stream.write(LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def http_typed(data: HttpData) -> Typed:
    """Wrap an HTTP message as a typed value."""
    return Typed("http", _encoder.encode(data))


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one frame from a blocking stream; None at its end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None
