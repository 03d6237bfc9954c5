"""The body of a download on its way into a sink: piece by piece, checked, and gone on with when cut.

https://www.rfc-editor.org/rfc/rfc9110#name-range-requests: what was cut is asked for from the byte
after the last one, on the condition that it is still the same file. Azure Storage tells the MD5 of a
whole file: https://learn.microsoft.com/en-us/rest/api/storageservices/get-blob
"""

import base64
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from shared.core.errors import GraphUnavailable, MalformedAnswer, StoreUnavailable

_PART = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_MEGABYTE = 1 << 20


class Sink(Protocol):
    """Takes what is downloaded, in order."""

    async def write(self, piece: bytes) -> None:
        """Take the next bytes."""
        ...

    async def restart(self) -> None:
        """Forget everything: another file comes from its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class FileSink:
    """A file that is open for writing, for instance a temporary one."""

    file: BinaryIO

    async def write(self, piece: bytes) -> None:
        """Append; the operating system takes it into its cache. StoreUnavailable if it is full."""
        try:
            self.file.write(piece)
            self.file.flush()  # here, not when it is closed
        except OSError as error:
            raise StoreUnavailable(
                "download_not_kept", reason=os.strerror(error.errno or 0)
            ) from error

    async def restart(self) -> None:
        """Empty the file."""
        self.file.seek(0)
        self.file.truncate()


@dataclass(slots=True)
class Incoming:
    """One download over all its attempts. `received` counts the bytes in the sink.

    `version` is the entity tag of what is coming, empty where it cannot be gone on with; `digest` is
    what the whole file's MD5 must be, empty where nobody tells.
    """

    sink: Sink
    most_megabytes: int
    progress: Callable[[], None] = lambda: None
    received: int = 0
    version: str = ""
    digest: str = ""
    _md5: "hashlib._Hash" = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))

    def wishes(self) -> dict[str, str]:
        """Return the headers that ask for what is missing, plain: a packed file has no places."""
        plain = {"Accept-Encoding": "identity"}
        if not self.received or not self.version:
            return plain
        return {**plain, "Range": f"bytes={self.received}-", "If-Range": self.version}

    async def take(
        self, status: int, headers: Mapping[str, str], pieces: AsyncIterator[bytes]
    ) -> None:
        """Write the body of a 200 or 206 into the sink; `headers` by lower-case name.

        Raises MalformedAnswer for a part that was not asked for, a file that is too large and one
        that is not what its digest says; GraphUnavailable for one that ends early.
        """
        end = await self._begin(status, headers)
        told = self.received // _MEGABYTE
        async for piece in pieces:
            self.received += len(piece)
            if self.received > self.most_megabytes * _MEGABYTE:
                reason = f"it is larger than {self.most_megabytes} MB"
                raise MalformedAnswer("graph_malformed", reason=reason)
            self._md5.update(piece)
            await self.sink.write(piece)
            if self.received // _MEGABYTE > told:
                told = self.received // _MEGABYTE
                self.progress()
        if end is not None and self.received < end:
            raise GraphUnavailable("graph_unreachable", reason="the body was cut")
        if self.digest and base64.b64encode(self._md5.digest()).decode() != self.digest:
            await self.forget()
            raise GraphUnavailable("graph_unreachable", reason="the file is damaged")

    async def _begin(self, status: int, headers: Mapping[str, str]) -> int | None:
        """Go on where the last attempt stopped, or begin anew; return the whole size, if told."""
        if status == 206:
            part = _PART.fullmatch(headers.get("content-range", ""))
            if part is None or int(part[1]) != self.received:
                await self.forget()
                raise MalformedAnswer("graph_malformed", reason="another part than was asked for")
            return None if part[3] == "*" else int(part[3])
        await self.forget()
        packed = headers.get("content-encoding", "identity").strip().lower() != "identity"
        tag = headers.get("etag", "")
        if not packed:
            self.version = "" if tag.startswith("W/") else tag
            self.digest = headers.get("content-md5", "")
        length = headers.get("content-length", "")
        return int(length) if length.isdigit() and not packed else None

    async def forget(self) -> None:
        """Begin anew: what came is not what is wanted."""
        self.received, self.version, self.digest = 0, "", ""
        self._md5 = hashlib.md5(usedforsecurity=False)
        await self.sink.restart()
