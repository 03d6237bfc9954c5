"""How much may be done in a while, and for whom it is counted.

A limit is one file `shared/core/rate_limits/<name>.py` with one `RATE_LIMIT`; the name is the file's.
What a request spends follows from what its route declares (`web.route.Route.doing`), so no route and
no list names a limit. Windows are of fixed length, by the database's clock, the same for everybody:
who spends a window's last request at its end may begin the next one's at once.
"""

from collections.abc import Mapping
from copy import replace
from typing import Literal

from msgspec import Struct

from shared.core.declarations import of
from shared.core.kind import Kind

# What a request does to whoever is asked, the failure to sign in included.
type Doing = Literal["reading", "exporting", "writing", "failing"]

# For whom it is counted: who asks, where he asks from, the tenant that is asked about, whoever asks,
# and the API key that was tried.
type Counted = Literal["caller", "address", "tenant", "key"]


class RateLimit(Struct, frozen=True, kw_only=True):
    """`quotas` are the requests in `seconds` of each for whom they are counted; `name` is filled in.

    What spends it is in `counts`. `blocks` is for how many seconds whoever has spent it is shut out;
    0 is to the end of the window.
    """

    counts: tuple[Doing, ...]
    seconds: int
    quotas: Mapping[Counted, int]
    blocks: int = 0
    name: str = ""

    def policy(self, counted: Counted) -> str:
        """Return what the answers call the quota of `counted`."""
        return self.name if counted == "caller" else f"{self.name}-{counted}"


RATE_LIMITS = Kind("shared.core.rate_limits", "RATE_LIMIT", RateLimit, named="name")


def limits_in_force(changes: str) -> tuple[RateLimit, ...]:
    """Return every limit as it stands with `changes`: `reading.caller=3000 exporting.tenant=10`.

    ValueError for a change of what is none of our quotas, or to less than one request.
    """
    quotas = {name: dict(limit.quotas) for name, limit in of(RATE_LIMITS).items()}
    for change in changes.split():
        place, _, number = change.partition("=")
        name, _, counted = place.partition(".")
        if counted not in quotas.get(name, {}):
            known = " ".join(f"{limit}.{who}" for limit in quotas for who in quotas[limit])
            raise ValueError(f"{place} is none of {known}")
        if not number.isdecimal() or int(number) == 0:
            raise ValueError(f"{change} sets no positive whole number")
        quotas[name][counted] = int(number)
    return tuple(replace(limit, quotas=quotas[name]) for name, limit in of(RATE_LIMITS).items())
