"""What one app may ask of one throttling service in one tenant.

https://learn.microsoft.com/en-us/graph/throttling-limits

A service is one file of `shared/graph/services` with one `SERVICE`; its name is the file's. A limit
of `n` per window is kept as a token bucket of `capacity` that is refilled at `rate` a second with
capacity + floor(window * rate) <= n: then no window of that length exceeds the limit, wherever it
starts. A bucket is called as the service whose limit it keeps; `service/part` is one of several.
"""

import re
from collections.abc import Mapping

from msgspec import Struct, field

from shared.core.kind import Kind

_VARIABLE = re.compile(r"\{[^}]*\}")


class Budget(Struct, frozen=True, kw_only=True):
    """`rate` units a second, `capacity` units at once."""

    rate: float
    capacity: float


class NotBought(Struct, frozen=True, kw_only=True):
    """How a service says that the tenant has not bought it: one of the `statuses` together with the
    `code`, or with a message that has the words of `says`, in lower case, where the code says nothing."""

    statuses: tuple[int, ...]
    code: str = ""
    says: str = ""

    def is_told_by(self, status: int, code: str, message: str) -> bool:
        """Whether it is this that was answered."""
        if status not in self.statuses:
            return False
        return self.says in message.lower() if self.says else self.code.lower() == code.lower()


class Service(Struct, frozen=True, kw_only=True):
    """One throttling service; `docs` is the page with its limit, `name` is filled in from its file.

    `budget` holds for every request. `writes`, where a service limits them apart, is drawn from
    besides, by requests that change something. `sizes` are the budgets of tenants that have so many
    users or more, ascending. `units` are the resource units of a GET by its path, in which every
    variable part is spelled `{id}`; any other costs 1. `options_count`: query options change that.
    `apart`: each dataset has a limit of its own. `health`: the services of Microsoft 365 that answer,
    by their ids in service health. `not_bought`: how it says so, where that is not a 403 whose message
    speaks of licences, which any service may answer.
    """

    docs: str
    budget: Budget
    writes: Budget | None = None
    sizes: tuple[tuple[int, Budget], ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    options_count: bool = False
    apart: bool = False
    health: tuple[str, ...] = ()
    not_bought: tuple[NotBought, ...] = ()
    name: str = ""

    def units_of(
        self, path: str, *, selects: bool = False, expands: bool = False, top: int | None = None
    ) -> int:
        """Return what a GET of `path` costs, at least 1; where requests are counted that is all.

        Where options count: $select -1, $expand +1, $top below 20 -1.
        """
        units = self.units.get(_VARIABLE.sub("{id}", path), 1)
        if self.options_count:
            units += expands - selects - (top is not None and top < 20)
        return max(units, 1)

    def bucket_of(self, dataset: str) -> str:
        """Return the name of the bucket that reads of a dataset draw from."""
        return f"{self.name}/{dataset}" if self.apart else self.name

    def budget_for(self, users: int | None) -> Budget:
        """Return the budget of a tenant of `users`; where that is not known, of the smallest."""
        granted = (budget for least, budget in reversed(self.sizes) if (users or 0) >= least)
        return next(granted, self.budget)


SERVICES = Kind("shared.graph.services", "SERVICE", Service, named="name")
