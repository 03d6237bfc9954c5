"""The wire log: every Graph exchange as one JSON line, secrets left out."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import Request

_REDACTED = frozenset({"authorization", "cookie"})


class WireLog:
    """Writes buffered lines; `close` (and the end of the process) completes the file."""

    def __init__(self) -> None:
        self._file: BinaryIO | None = None

    @property
    def active(self) -> bool:
        """Whether exchanges are being written."""
        return self._file is not None

    def open(self, path: Path | None) -> None:
        """Write to another file from now on; None stops writing."""
        self.close()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=1 << 20)

    def flush(self) -> None:
        """Bring everything written so far into the file."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Complete the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(
        self,
        request: Request,
        url: str,
        status: int | None,
        headers: dict[str, str],
        body: bytes | None,
        now: datetime,
    ) -> None:
        """One exchange; `status` and `body` are None when the client got no whole answer."""
        if self._file is None:
            return
        sent = {k: "REDACTED" if k in _REDACTED else v for k, v in request.headers.items()}
        record = {
            "time": stamp(now),
            "method": request.method,
            "url": url,
            "status": status,
            "request_headers": sent,
            "request_body": _body(request.body, request.headers.get("content-type", "")),
            "response_headers": headers,
            "response_body": None if body is None else _body(body, headers.get("content-type", "")),
        }
        self._file.write(msgspec.json.encode(record) + b"\n")


def _body(body: bytes, kind: str) -> msgspec.Raw | str | None:
    if not body:
        return None
    if "json" in kind:
        try:
            msgspec.json.decode(body, type=msgspec.Raw)
        except msgspec.DecodeError:
            return body.decode("utf-8", "replace")
        return msgspec.Raw(body)
    return body.decode("utf-8", "replace")
