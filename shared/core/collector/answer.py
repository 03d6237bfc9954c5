"""The answer: what comes back, and where the rows are in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from shared.core.collector.part import Part, instant

FROM, UNTIL = "{from}", "{until}"

# What a small tenant's job may take.
_SOON = timedelta(seconds=5)


class Answer(Part):
    """What a request is answered with."""

    __slots__ = ()

    @property
    def selectable(self) -> bool:
        """Whether `$select` can name its columns."""
        return True

    @property
    def empty(self) -> tuple[int, ...]:
        """Statuses that say that there is nothing, of something that might be there."""
        return ()

    @property
    def job(self) -> "Job | None":
        """The job that must be done before the rows can be read."""
        return None

    def as_page(self, body: bytes) -> bytes:
        """Return the JSON of a page with the objects of this answer."""
        return body

    @property
    def objects(self) -> int | None:
        """How many objects an answer holds; None if any number."""
        return None

    @property
    def each(self) -> str | None:
        """The list in an object of which each element is a row; None: the object is one."""
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Other sources than the key that a row's id may be made of."""
        return ()


@dataclass(frozen=True, slots=True)
class Listed(Answer):
    """A list, `value`, whose pages hang together by `@odata.nextLink`.

    With `each` an object is as many rows as its list of that name has elements. Columns and key name
    what belongs to an element as `list/property`, and what belongs to the object as ever. An object
    without the list is no object without elements: it is rejected.
    """

    each: str | None = None

    @property
    def question(self) -> tuple[object, ...]:
        """What a row is."""
        return () if self.each is None else ("each", self.each)


@dataclass(frozen=True, slots=True)
class Single(Answer):
    """One object, which is the whole answer. With a status in `empty` there is none.

    Between the brackets of a page nothing would pass for an empty list, and two for two objects: the
    decoder counts them.
    """

    empty: tuple[int, ...] = ()

    @property
    def objects(self) -> int:
        """One."""
        return 1

    def as_page(self, body: bytes) -> bytes:
        """Return it as the only one of a page."""
        return b'{"value":[' + body + b"]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Csv(Answer):
    """A redirect to a CSV file whose columns are matched by header.

    `optional` names headers that Microsoft documents but does not send to every tenant (the column is
    null then). `instead` are headers that name a line whose key is blank, the first one that is
    filled; `apart` are those that tell lines of one name from each other (they need not be there).
    """

    optional: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    @property
    def selectable(self) -> bool:
        """A file comes as it is."""
        return False

    @property
    def names(self) -> tuple[str, ...]:
        """What stands in for a key, and what is put behind one."""
        return (*self.instead, *self.apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Answer):
    """A list that Graph has to make first: post, ask until it is done, read the rows.

    `create` is the path to post `body` to, in which FROM and UNTIL stand for the bounds of what is
    asked for; `poll` is the path of the job, and the collector's own request that of its rows:
    `{job}` is its id there. A status in `under_way` is asked for again after `every`, or sooner while
    the job is young, for as long as `within`; one in `done` lets read; any other has failed, and is
    tried anew. `exceeded` names the property that is true when there are more rows than the job gives:
    then half is asked for.
    """

    create: str
    body: tuple[tuple[str, object], ...]
    poll: str
    under_way: tuple[str, ...] = ("notStarted", "running")
    done: tuple[str, ...] = ("succeeded",)
    exceeded: str | None = None
    every: timedelta = timedelta(minutes=1)
    within: timedelta = timedelta(hours=6)

    @property
    def question(self) -> tuple[object, ...]:
        """What is posted where."""
        return ("job", self.create, self.body)

    @property
    def job(self) -> Self:
        """Itself."""
        return self

    def wait(self, age: timedelta) -> timedelta:
        """Return how long to wait before a job of `age` is looked at: as long again as it has taken."""
        return min(self.every, max(_SOON, age))

    def asked(self, since: datetime, until: datetime) -> Mapping[str, object]:
        """Return the body to post for what lies between two instants."""
        bounds = {FROM: instant(since), UNTIL: instant(until)}
        return {
            name: bounds.get(value, value) if isinstance(value, str) else value
            for name, value in self.body
        }
