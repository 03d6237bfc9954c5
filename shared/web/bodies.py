"""The JSON bodies that the API takes, and how one is read: size, type, fields, in this order."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from shared.core.access import PERMISSIONS
from shared.core.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType
from shared.core.names import HIDING
from shared.web.body_faults import body_fault
from shared.web.http import Request

MAX_BYTES = 1_000_000

# In Python a bare $ would let a line feed at the end pass.
_PLAIN = rf"^[^{HIDING}]*$(?!\n)"
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
        body = msgspec.json.decode(request.body, type=kind)
    except msgspec.ValidationError as error:
        raise body_fault(error, kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRequest("body_not_json", parameter="body") from None
    return _in_utc(body)


def _in_utc[T: Struct](body: T) -> T:
    """Return the body with its instants in UTC, those beyond the calendar's ends at the end."""
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, datetime):
            setattr(body, name, _utc(value))
    return body


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        late = moment.year > 1
        return (
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
            if late
            else datetime(1, 1, 1, tzinfo=UTC)
        )
