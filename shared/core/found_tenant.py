"""What is known of the tenant in a path before anything is asked about it."""

from msgspec import Struct

from shared.core.addresses import AddressLists
from shared.core.coverage import TenantState


class FoundTenant(Struct, frozen=True):
    """A tenant that was added once: how it stands, and where callers may ask about it from."""

    state: TenantState
    lists: AddressLists
