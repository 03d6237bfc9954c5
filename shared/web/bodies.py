"""The JSON bodies that the API takes, and how one is read: size, type, fields, in this order."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shared.core.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType
from shared.web.http import Request

MAX_BYTES = 1_000_000

# No control characters: PostgreSQL refuses one of them, and people's screens the rest.
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_TENANTS_OF_A_KEY = 1000


class NewTenant(Struct, rename="camel", forbid_unknown_fields=True):
    """Connect a tenant; without a name its own name in Entra is taken."""

    tenant_id: UUID
    display_name: Annotated[str, Meta(min_length=1, max_length=200, pattern=_PLAIN)] | None = None


class CollectNow(Struct, rename="camel", forbid_unknown_fields=True):
    """Collect these datasets now; all of them without a list."""

    datasets: Annotated[list[str], Meta(min_length=1, max_length=200)] | None = None


class NewKey(Struct, rename="camel", forbid_unknown_fields=True):
    """Make an API key for at most 366 days. Without `tenantIds` it sees every tenant."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=_PLAIN)]
    permissions: Annotated[list[str], Meta(min_length=1, max_length=100)]
    expires_at: Annotated[datetime, Meta(tz=True)]
    environment: Literal["live", "test"] = "live"
    tenant_ids: Annotated[list[UUID], Meta(min_length=1, max_length=_TENANTS_OF_A_KEY)] | None = (
        None
    )


def read_body[T](request: Request, kind: type[T]) -> T:
    """Return the body as `kind`; the error names the field at fault.

    Raises PayloadTooLarge over 1 MB, UnsupportedMediaType for anything but JSON, BadRequest for JSON
    that is broken or does not fit.
    """
    if len(request.body) > MAX_BYTES:
        raise PayloadTooLarge("body_too_large", parameter="body", limit=MAX_BYTES)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("media_type_unsupported", parameter="Content-Type")
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$")
        field = where.rstrip("`").lstrip(".") or "body"
        raise BadRequest("body_invalid", parameter=field, reason=reason) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest("body_not_json", parameter="body") from None
