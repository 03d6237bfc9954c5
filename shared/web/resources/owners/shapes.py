"""The claim of the first owner, in JSON."""

from typing import Annotated

from msgspec import Meta

from shared.web.shapes import Body


class OwnerClaim(Body):
    """`secret` is what the setting KANRI_OWNER_SECRET says."""

    secret: Annotated[str, Meta(min_length=1, max_length=1000)]
