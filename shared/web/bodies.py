"""The JSON bodies that the API takes, and how one is read: size, type, fields, in this order."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shared.core.access import PERMISSIONS
from shared.core.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType
from shared.web.body_faults import body_fault
from shared.web.http import Request

MAX_BYTES = 1_000_000

# No control characters: PostgreSQL refuses one of them, and people's screens the rest. In Python a
# bare $ would let a line feed at the end pass.
_PLAIN = r"^[^\x00-\x1f\x7f]*$(?!\n)"
_TENANTS_OF_A_KEY = 1000

# Checked by the endpoint, which can say what there is; here for the description of the API.
type _Permission = Annotated[str, Meta(extra_json_schema={"enum": sorted(PERMISSIONS)})]


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
    permissions: Annotated[list[_Permission], Meta(min_length=1, max_length=100)]
    expires_at: Annotated[datetime, Meta(tz=True)]
    environment: Literal["live", "test"] = "live"
    tenant_ids: Annotated[list[UUID], Meta(min_length=1, max_length=_TENANTS_OF_A_KEY)] | None = (
        None
    )


def read_body[T: Struct](request: Request, kind: type[T]) -> T:
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
        raise body_fault(error, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadRequest("body_not_json", parameter="body") from None
