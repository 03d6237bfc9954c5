"""What a collector declares: where Graph keeps the data, how to read it, which columns to keep.

A collector is one file `catalog/collectors/<area>/<dataset>.py` with one `COLLECTOR`; the dataset id
is the file name. The engine (graph, usecases.collect, store) does the rest.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from shared.core.kind import Kind
from shared.core.text import Text
from shared.core.work import After, Cadence, Every

type ColumnType = Literal["text", "bool", "int", "float", "timestamp", "date", "json"]
type Shape = Literal["entity", "event", "measure"]


def collated(name: str) -> str:
    """Return the name of the column that holds the sort key of `name`."""
    return f"{name}_collated"


@dataclass(frozen=True, slots=True)
class Column:
    """One stored column.

    `source` is the Graph property, `a/b` for a property of a complex property, the CSV header of a
    usage report, or `{parent}` for the parent's id in a fan-out. Absent and null both store null,
    except where `never_null` says that Graph's metadata or documentation knows no null: there both
    mean that nothing was told, and what was known before stays. `search` asks for an index that serves prefix
    (`startswith`) or substring (`contains`) search under row-level security.
    `folded`: letter case does not count, as in user principal names and mail addresses; filters,
    orders and indexes then go by the column `<name>_folded` that the store adds, and so must joins.
    `collated`: a name that people look for in a list; orders go by the column `<name>_collated`
    that the store adds, its key by the Unicode Collation Algorithm. Filters go by the name itself.
    """

    name: str
    source: str
    type: ColumnType = "text"
    personal: bool = False
    search: Literal["prefix", "substring"] | None = None
    folded: bool = False
    collated: bool = False
    never_null: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """One Microsoft Graph application permission and what Kanri needs it for.

    `covered_by` are permissions that allow all of that and more: a tenant that granted one of them
    need not grant this one.
    """

    name: str
    purpose: Text
    covered_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Read the whole collection by following `@odata.nextLink`; absent objects are closed after it.

    A page has `top` objects; where `$top` is not documented, `page_size` is wished for by preference,
    which whoever does not know it passes over.
    """

    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    filter: str | None = None
    top: int | None = None
    page_size: int | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """Read everything once, then only changes; a 410 starts over and closes what was not seen.

    Once in `full_every` everything is read again after the changes: Graph does not tell of all of
    them for ever. It costs a request for each page of objects, once a week by default.
    """

    select: tuple[str, ...] = ()
    page_size: int = 999
    full_every: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """Read events again as far back as `reach`, once in `every`.

    An event that is shown up to `reach - every` late is found for certain.
    """

    every: timedelta
    reach: timedelta

    @property
    def name(self) -> str:
        """The reach in seconds, as the saved place of a window names it."""
        return str(int(self.reach.total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Read events newer than the watermark minus `overlap`; the first run reads back `initial`.

    Entra shows 99 of 100 events within five minutes of when they happened, the others later; and it
    may tell of an event again, with another result. `look_backs` find both, at growing distance.
    Per day they read four days' events again and the overlaps two: a request for each thousand.
    """

    property: str = "createdDateTime"
    select: tuple[str, ...] = ()
    overlap: timedelta = timedelta(hours=1)
    initial: timedelta = timedelta(days=7)
    look_backs: tuple[LookBack, ...] = (
        LookBack(every=timedelta(hours=3), reach=timedelta(hours=6)),
        LookBack(every=timedelta(days=1), reach=timedelta(days=3)),
    )
    top: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCsv:
    """Read a usage report: 302 to a CSV whose columns are matched by header.

    `date_header` is the CSV column with the report refresh date. `optional` names headers that
    Microsoft documents but does not send to every tenant (the column is null then). `instead` are
    headers that name a line whose key is blank, the first one that is filled; `apart` are those that
    tell lines of one name from each other (they need not be there).
    """

    period: Literal["D7", "D30", "D90", "D180"] = "D7"
    date_header: str = "Report Refresh Date"
    optional: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Read a collection below each current object of the dataset `parent`, twenty per `$batch`.

    The request path holds `{id}`. A row's id is `parentId/ownId`; what a complete read of one parent
    did not contain is closed for that parent only.
    """

    parent: str
    select: tuple[str, ...] = ()
    top: int | None = None


type Mode = Pages | Delta | Window | UsageCsv | FanOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Declaration of one dataset. `dataset` is filled in by the registry from the file name.

    `key` names the source properties (or CSV headers) whose values, joined by "/", identify a row.
    `every` is the schedule; `service` is the throttling service whose budget the reads spend
    (a file of shared/graph/services). `licence` is the service plan Graph wants, in Microsoft's words.
    """

    title: Text
    docs: str
    shape: Shape
    request: str
    mode: Mode
    columns: tuple[Column, ...]
    permissions: tuple[Permission, ...]
    every: timedelta
    service: str = "directory"
    key: tuple[str, ...] = ("id",)
    event_time: str | None = None
    licence: str | None = None
    notification: str | None = None
    version: Literal["v1.0", "beta"] = "v1.0"
    dataset: str = field(default="", compare=False)

    @property
    def cadence(self) -> Cadence:
        """When it is due: what is read below objects of another dataset, after that one."""
        if isinstance(self.mode, FanOut):
            return After((self.mode.parent,), self.every)
        return Every(self.every)


COLLECTORS = Kind(
    "shared.catalog.collectors",
    "COLLECTOR",
    Collector,
    named="dataset",
    areas=True,
    unknown="dataset_unknown",
)
