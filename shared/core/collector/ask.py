"""The request: what a collector asks Graph for."""

from copy import replace
from typing import Literal

from shared.core.collector.part import Part

type Headers = tuple[tuple[str, str], ...]

# Without it Graph puts unknownFutureValue in the place of members that an enumeration got later.
# https://learn.microsoft.com/en-us/graph/best-practices-concept
EVERY_MEMBER: Headers = (("Prefer", "include-unknown-enum-members"),)


class Get(Part, frozen=True):
    """A GET of `path`, below the version; with a `body` it is posted, as a question that has no room in
    an address is: it may be asked again. FROM and UNTIL in its texts stand for the bounds of a slice.

    In the path `{id}` and the like stand for the parent's id and columns, `{period}` and `{date}`
    for the period and the day of a usage report. `$select` follows from the columns, unless the endpoint takes none
    (`selects`). With `bounds` the bounds of a slice are two options of these names, and no filter. A page has `top` objects; where `$top` is not documented, `page_size` is wished for
    by preference, which whoever does not know it passes over. `service` is the throttling service
    whose budget it spends (a file of shared/graph/services).
    """

    path: str
    service: str = "directory"
    selects: bool = True
    expand: tuple[str, ...] = ()
    filter: str | None = None
    bounds: tuple[str, str] | None = None
    top: int | None = None
    page_size: int | None = None
    headers: Headers = ()
    body: tuple[tuple[str, object], ...] = ()
    version: Literal["v1.0", "beta"] = "v1.0"

    @property
    def question(self) -> tuple[object, ...]:
        """All but the size of the pages."""
        bounds = () if self.bounds is None else self.bounds
        return (
            self.version,
            self.path,
            self.expand,
            self.filter,
            self.headers,
            *self.body,
            *bounds,
        )

    @property
    def size(self) -> int | None:
        """How many objects a page is asked to have; None where Graph decides."""
        return self.page_size or self.top

    def sized(self, size: int) -> "Get":
        """Return the same request for pages of another size; only where it says one."""
        if self.page_size is not None:
            return replace(self, page_size=size)
        return replace(self, top=size)
