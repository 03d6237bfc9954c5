"""The declaration of one dataset, and what follows from its parts."""

import re
from collections.abc import Collection
from datetime import timedelta

from msgspec import Struct, field

from shared.core.collector.answer import Answer, Listed
from shared.core.collector.ask import Get
from shared.core.collector.column import TOLD, Column, Permission, Shape
from shared.core.collector.extent import Extent, Whole
from shared.core.collector.keep import Keep, Versions
from shared.core.declarations import of
from shared.core.kind import Kind
from shared.core.text import Text
from shared.core.throttling import SERVICES
from shared.core.work import After, Cadence, Every

# What stands in braces in a path, and is no column of the parent.
_OWN = {"id", "parent", "period", "date", "job", "result", "told"}
_GOOD_AT_LEAST, _GOOD_AT_MOST = timedelta(minutes=5), timedelta(minutes=30)

# The dataset that tells which service plans a tenant owns.
PLANS = "service_plans"

_NAMED = re.compile(r"\{(\w+)\}")


class Collector(Struct, frozen=True, kw_only=True):
    """Declaration of one dataset. `dataset` is filled in by the registry from the file name.

    `key` names the source properties (or CSV headers) whose values, joined by "/", identify a row;
    `list/property` is one of an element (see `Listed`). Without any, the row of one object below each
    parent has the parent's id, and the only object there is is called by the dataset's name.
    `person` names the columns (or `id`) that say whose row it is, where it is a person's.
    `every` is the schedule. `licence` is the service plan Graph wants, in Microsoft's words.
    Of what says by no refusal that the service was not bought, `plans` are the beginnings of the names of
    service plans of which a tenant needs one.
    `costly`: it takes a request for each of many objects, and is off until the tenant switches it on.
    `notification` is the resource whose change notifications will make it due at once; nothing
    subscribes to it yet.
    """

    title: Text
    docs: str
    ask: Get
    answer: Answer = field(default_factory=Listed)
    extent: Extent = field(default_factory=Whole)
    keep: Keep = field(default_factory=Versions)
    columns: tuple[Column, ...]
    permissions: tuple[Permission, ...]
    every: timedelta
    key: tuple[str, ...] = ("id",)
    person: tuple[str, ...] = ()
    licence: str | None = None
    plans: tuple[str, ...] = ()
    costly: bool = False
    notification: str | None = None
    dataset: str = ""

    @property
    def select(self) -> tuple[str, ...]:
        """The properties to ask for: the key and the beginning of each column's path.

        Annotations come by themselves, what is expanded comes whole, and what the parent tells is
        no property of the object.
        """
        if not (self.ask.selects and self.answer.selectable):
            return ()
        first = (column.source.partition("/")[0] for column in self.columns)
        told = {name.partition("(")[0] for name in self.ask.expand}
        own = (
            *(source.partition("/")[0] for source in self.key),
            *first,
            self.extent.removed,
            self.keep.having or "@none",
        )
        named = [name for name in own if name not in told]
        return tuple(dict.fromkeys(name for name in named if not name.startswith(("@", "{"))))

    @property
    def question(self) -> tuple[object, ...]:
        """All that changes the answers, and not the size of their pages."""
        parts = (self.ask, self.answer, self.extent, self.keep)
        return (self.select, *(part.question for part in parts))

    @property
    def shape(self) -> Shape:
        """The shape of stored data that it becomes."""
        return self.keep.shape

    @property
    def event_time(self) -> str | None:
        """The column that says when an event happened; None for other shapes."""
        return self.keep.event_time

    @property
    def service(self) -> str:
        """The throttling service whose budget the reads spend."""
        return self.ask.service

    @property
    def bucket(self) -> str:
        """The name of the bucket that the reads draw from."""
        return of(SERVICES)[self.ask.service].bucket_of(self.dataset)

    @property
    def cost(self) -> int:
        """What one request costs, in the units of its service."""
        ask, selects = self.ask, bool(self.select)
        return of(SERVICES)[ask.service].units_of(
            ask.path, selects=selects, expands=bool(ask.expand), top=ask.top
        )

    @property
    def parent(self) -> str | None:
        """The dataset below whose objects it is read; None if by itself."""
        return self.extent.parent

    @property
    def switches(self) -> tuple[str, ...]:
        """The costly datasets without which it is not read: what lies above it, itself."""
        above = () if self.parent is None else of(COLLECTORS)[self.parent].switches
        return (*above, self.dataset) if self.costly else above

    def is_on(self, switched_on: Collection[str]) -> bool:
        """Whether it is read for a tenant that has switched these on."""
        return all(dataset in switched_on for dataset in self.switches)

    @property
    def told_at(self) -> str | None:
        """The column that says when Graph told of an object last, changed or not."""
        return next((column.name for column in self.columns if column.source == TOLD), None)

    @property
    def of_parent(self) -> tuple[str, ...]:
        """The parent's columns that the path and the columns need."""
        texts = (self.ask.path, *(column.source for column in self.columns))
        named = (name for text in texts for name in _NAMED.findall(text))
        return tuple(dict.fromkeys(name for name in named if name not in _OWN))

    @property
    def names_people(self) -> bool:
        """Whether a row's id, which begins with the parent's, may be somebody's name or address."""
        sources = {*self.key, *self.answer.names}
        above = of(COLLECTORS).get(self.parent or "")
        return (above is not None and above.names_people) or any(
            column.personal and column.source in sources for column in self.columns
        )

    @property
    def good_for(self) -> timedelta:
        """How long a copy of what is told of it may be used unasked: a twelfth of `every`, 5 to 30 minutes.

        Users, read every hour, 5; licences, read every six, 30.
        """
        return min(max(self.every / 12, _GOOD_AT_LEAST), _GOOD_AT_MOST)

    @property
    def cadence(self) -> Cadence:
        """When it is due: what is read below objects of another dataset, after that one, and once it is
        known what the tenant has bought, where that matters."""
        if self.parent is not None:
            return After((self.parent, *((PLANS,) if self.plans else ())), self.every)
        return Every(self.every)


COLLECTORS = Kind(
    "shared.catalog.collectors",
    "COLLECTOR",
    Collector,
    named="dataset",
    areas=True,
    unknown="dataset_unknown",
)
