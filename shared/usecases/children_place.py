"""Where a run that reads below parents goes on: what is saved with every page of it."""

from datetime import datetime

import msgspec

from shared.core.rows import Parent
from shared.usecases.collection import Place


class OpenParent(msgspec.Struct, frozen=True):
    """A parent of which some pages are stored: the link to the next, whether all rows were good,
    and the way to it (see `Trail`). All below the parent is read unless it has a link itself."""

    parent: Parent
    link: str
    good: bool = True
    mark: str = ""
    steps: int = 0


class ChildrenPlace(Place, frozen=True):
    """Where to go on. `after` is the last parent asked for; `open` are those with more pages.

    `later` are set aside; `again` is True while they are read. `shown`, `gone` and `refused` count
    the parents by what Graph said, `refusal` is the first refusal, `held_up` how often the batch
    that is next had no answer at all. `since`: only parents that changed from then on are asked
    for. `read_at` and `all_at` are when the last complete run began, and the last below all parents.
    """

    after: str | None = None
    open: tuple[OpenParent, ...] = ()
    later: tuple[str, ...] = ()
    again: bool = False
    shown: int = 0
    gone: int = 0
    refused: int = 0
    refusal: str = ""
    held_up: int = 0
    since: datetime | None = None
    read_at: datetime | None = None
    all_at: datetime | None = None
