"""A body that is no JSON but a file of text: its media type and size are checked, all else is the handler's."""

from msgspec import Struct

from shared.core.errors import PayloadTooLarge, UnsupportedMediaType
from shared.web.http import Request


class TextBody(Struct, frozen=True):
    """What a route takes: text of `media_type`, `most` bytes of it. `example` is a small one."""

    media_type: str
    most: int
    example: str


def read_text_body(request: Request, kind: TextBody) -> bytes:
    """Return the body as it came; PayloadTooLarge, or UnsupportedMediaType if it is called otherwise."""
    if len(request.body) > kind.most:
        raise PayloadTooLarge("body_too_large", parameter="body", limit=kind.most)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != kind.media_type:
        raise UnsupportedMediaType(
            "media_type_other", parameter="Content-Type", wanted=kind.media_type
        )
    return request.body
