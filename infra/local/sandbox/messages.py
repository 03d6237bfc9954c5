"""What goes in and out of the sandbox: requests, replies and Graph's error shape."""

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.pagecache import GZIP

JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


@dataclass(slots=True)
class Request:
    """One HTTP request; header names are lower-case, `query` keeps the last of repeated options."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    raw_target: str = ""
    request_id: str = field(default_factory=lambda: str(uuid4()))

    def json(self) -> Any:
        """The decoded body; raises ApiError 400 for anything that is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise ApiError(400, "BadRequest", "Unable to read JSON request payload.") from error


@dataclass(slots=True)
class Reply:
    """One HTTP answer. `packed` is the gzip form when it is known already."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    packed: bytes | None = None

    def plain(self) -> bytes:
        """The body as it is without compression."""
        if not self.body and self.packed is not None:
            self.body = zlib.decompress(self.packed, GZIP)
        return self.body


class ApiError(Exception):
    """An answer in Graph's error shape; `headers` are added to the reply."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def reply(self, request: Request, now: datetime) -> Reply:
        """The error as a reply, with the ids that Graph repeats in `innerError`."""
        body = {
            "error": {
                "code": self.code,
                "message": self.message,
                "innerError": {
                    "date": stamp(now).removesuffix("Z"),
                    "request-id": request.request_id,
                    "client-request-id": request.headers.get(
                        "client-request-id", request.request_id
                    ),
                },
            }
        }
        return Reply(
            self.status,
            msgspec.json.encode(body),
            {"content-type": "application/json", **self.headers},
        )


def json_reply(value: Any, status: int = 200) -> Reply:
    """A JSON answer as Graph labels it."""
    return Reply(status, msgspec.json.encode(value), {"content-type": JSON})


def not_licensed() -> ApiError:
    """What a tenant without Entra ID P1 gets for sign-ins."""
    return ApiError(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )
