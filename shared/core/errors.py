"""The error tree: stable code, HTTP status, and whether trying again can help.

KanriError
├── BadRequest (400)            the caller can mend it; names the parameter
│   ├── PayloadTooLarge (413)
│   └── UnsupportedMediaType (415)
├── Unauthenticated (401)
├── Forbidden (403)
├── NotFound (404)
├── NotAcceptable (406)         there is no such answer in a media type that the caller takes
├── Conflict (409)
│   └── InProgress            the same is being done just now: ask again in `retry_after` seconds
├── PreconditionFailed (412)    it is no longer what the caller has seen
├── Unprocessable (422)         well formed, and contradicts what was asked before
├── PreconditionRequired (428)  the caller has to say what he has seen
├── TooManyRequests (429, retryable)  the caller has his share: wait `retry_after` seconds
├── BadMessage                  a queue message that no retry can mend
├── GraphError (502)            Microsoft Graph or Entra said no
│   ├── NotLicensed             the tenant lacks the licence
│   ├── NotPermitted            the app lacks the permission or the consent
│   ├── DeltaExpired            410 or syncStateNotFound: read everything again
│   ├── MalformedAnswer         the body is not what Graph documents
│   ├── OutcomeUnknown          a write may have been done: look before it is tried again
│   ├── Throttled (retryable)   429: wait `retry_after` seconds
│   └── GraphUnavailable (retryable)  5xx, reset connections, time-outs
├── StoreUnavailable (503, retryable)
├── StorageUnavailable (503, retryable)  Azure Tables or Blob
├── SealBroken                  what was sealed does not open: the key is not here, or it was altered
└── Superseded                  another worker went on with this run: stop, write nothing

Every error is raised with a key of the `error` section of the texts (core.text) and their
parameters.
"""

from math import ceil
from typing import TYPE_CHECKING, ClassVar

from shared.core.text import Lang, Text, text

if TYPE_CHECKING:
    from uuid import UUID


class KanriError(Exception):
    """Root of the tree. `code` is the stable name clients may branch on."""

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, code: str, /, *, parameter: str | None = None, **params: object) -> None:
        """`code` is a key of section `error` of the texts; `parameter` is the input at fault.

        A param that is a `Text` is spoken in the language of the message.
        """
        self.code = code
        self.parameter = parameter
        self.params = params if parameter is None else {"parameter": parameter, **params}
        super().__init__(code)

    def message(self, lang: Lang = "en") -> str:
        """Return the sentence for people."""
        spoken = {
            name: value.of(lang) if isinstance(value, Text) else value
            for name, value in self.params.items()
        }
        return text(f"error.{self.code}", lang, **spoken)

    def __str__(self) -> str:
        return f"{self.code}: {self.message()}"


class BadRequest(KanriError):
    status = 400


class PayloadTooLarge(BadRequest):
    status = 413


class UnsupportedMediaType(BadRequest):
    status = 415


class Unauthenticated(KanriError):
    """Nobody we know. `key_id` is that of a key of ours which does not open, or not from there."""

    status = 401

    def __init__(
        self,
        code: str,
        /,
        *,
        parameter: str | None = None,
        key_id: "UUID | None" = None,
        **params: object,
    ) -> None:
        super().__init__(code, parameter=parameter, **params)
        self.key_id = key_id


class Forbidden(KanriError):
    status = 403


class NotFound(KanriError):
    status = 404


class NotAcceptable(KanriError):
    status = 406


class Conflict(KanriError):
    status = 409


class InProgress(Conflict):
    """A request like this one is under way. `retry_after` is in seconds."""

    def __init__(self, code: str, /, *, retry_after: float) -> None:
        super().__init__(code, retry_after=round(retry_after))
        self.retry_after = retry_after


class PreconditionFailed(KanriError):
    status = 412


class Unprocessable(KanriError):
    status = 422


class PreconditionRequired(KanriError):
    status = 428


class TooManyRequests(KanriError):
    """Our own 429: the caller, or this worker, has as much to do as it can. `retry_after` is in seconds."""

    status = 429
    retryable = True

    def __init__(self, code: str, /, *, retry_after: float, **params: object) -> None:
        super().__init__(code, parameter=None, retry_after=ceil(retry_after), **params)
        self.retry_after = retry_after


class BadMessage(KanriError):
    """A queue message that is malformed, of a version we do not know, or for an unknown tenant."""


class GraphError(KanriError):
    status = 502


class NotLicensed(GraphError):
    pass


class NotPermitted(GraphError):
    pass


class DeltaExpired(GraphError):
    pass


class MalformedAnswer(GraphError):
    pass


class OutcomeUnknown(GraphError):
    pass


class Throttled(GraphError):
    """429. `retry_after` is in seconds and already includes our own back-off where Graph gave none."""

    retryable = True

    def __init__(
        self, code: str, /, *, retry_after: float, parameter: str | None = None, **params: object
    ) -> None:
        super().__init__(code, parameter=parameter, retry_after=round(retry_after, 1), **params)
        self.retry_after = retry_after


class GraphUnavailable(GraphError):
    retryable = True


class StoreUnavailable(KanriError):
    status = 503
    retryable = True


class StorageUnavailable(KanriError):
    status = 503
    retryable = True


class SealBroken(KanriError):
    pass


class Superseded(KanriError):
    pass
