"""The answer: what comes back, and where the rows are in it."""

from datetime import timedelta
from typing import Self

import msgspec
from msgspec import field

from shared.core.collector.part import Part

# What a small tenant's job may take.
_SOON = timedelta(seconds=5)


class Answer(Part, frozen=True):
    """What a request is answered with."""

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
    def named(self) -> str:
        """The property that is the list of a page."""
        return "value"

    @property
    def most(self) -> int | None:
        """How many objects a page has at most, the others being left out without a word."""
        return None

    def is_cut(self, objects: int) -> bool:
        """Tell whether an answer of so many objects must be taken for one that lacks some."""
        return self.most is not None and objects >= self.most

    @property
    def question(self) -> tuple[object, ...]:
        """What a row is, where it is not an object."""
        return () if self.each is None else ("each", self.each)

    @property
    def names(self) -> tuple[str, ...]:
        """Other sources than the key that a row's id may be made of."""
        return ()


class Listed(Answer, frozen=True):
    """A list, `value`, whose pages hang together by `@odata.nextLink`.

    With `each` an object is as many rows as its list of that name has elements; `list/inner` are the
    elements of the lists in those. Columns and key name what belongs to an element as
    `list/property`, and what belongs to the object as ever. An object without the list is no object
    without elements: it is rejected.

    With a status in `empty` there is no list, where there might be one. The list may be `named`
    otherwise. With `most` an answer of so many objects is taken for one that
    was cut: half is asked for, of what can be halved.
    """

    each: str | None = None
    named: str = "value"
    most: int | None = None
    empty: tuple[int, ...] = ()


class Single(Answer, frozen=True):
    """One object, which is the whole answer. With a status in `empty` there is none.
    With `each` it is rows as of a list. Where Microsoft has shown it both ways, it may lie `within` a
    property of the answer instead.

    Between the brackets of a page nothing would pass for an empty list, and two for two objects: the
    decoder counts them.
    """

    empty: tuple[int, ...] = ()
    each: str | None = None
    within: str | None = None

    @property
    def objects(self) -> int:
        """One."""
        return 1

    def as_page(self, body: bytes) -> bytes:
        """Return it as the only one of a page."""
        if self.within is not None:
            body = _taken_out(body, self.within)
        return b'{"value":[' + body + b"]}"


def _taken_out(body: bytes, name: str) -> bytes:
    """Return the object that lies within the property `name`; the whole answer if none does."""
    try:
        held = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get(name)
    except msgspec.DecodeError:
        # What is no JSON the decoder rejects, as from any other answer.
        return body
    inner = b"" if held is None else bytes(held)
    return inner if inner.startswith(b"{") else body


class Csv(Answer, frozen=True, kw_only=True):
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


class Job(Answer, frozen=True, kw_only=True):
    """What Graph has to make first: post, ask until it is done, read the rows.

    `create` is the path to post `body` to, in which FROM and UNTIL stand for the bounds of what is
    asked for, where it is read in slices, and NOW for the millisecond, where no two may be alike;
    `poll` is the path of the job, and the collector's own request that of its rows: `{job}` is its id
    there, and `{result}` the id of what it made, where the job's property `result` holds the address
    of that. `rows` is what is read there.

    A status in `under_way` is asked for again after `every`, or sooner while the job is young, for as
    long as `within`; one in `done` lets read, one in `partly` what there is, which is not all: nothing
    is closed by it. Any other has failed, and is tried anew. `exceeded` names the property that is
    true when there are more rows than the job gives: of a slice half is asked for, of the whole it is
    as if it were done in part. `deletes`: the job is deleted once its rows are stored, where a tenant
    may have only so many at a time.
    """

    create: str
    body: tuple[tuple[str, object], ...]
    poll: str
    rows: Answer = field(default_factory=Listed)
    result: str | None = None
    under_way: tuple[str, ...] = ("notStarted", "running")
    done: tuple[str, ...] = ("succeeded",)
    partly: tuple[str, ...] = ()
    exceeded: str | None = None
    every: timedelta = timedelta(minutes=1)
    within: timedelta = timedelta(hours=6)
    deletes: bool = False

    @property
    def question(self) -> tuple[object, ...]:
        """What is posted where, and what is read then."""
        return ("job", self.create, self.body, *self.rows.question)

    @property
    def job(self) -> Self:
        """Itself."""
        return self

    @property
    def empty(self) -> tuple[int, ...]:
        """As its rows."""
        return self.rows.empty

    @property
    def objects(self) -> int | None:
        """As its rows."""
        return self.rows.objects

    @property
    def each(self) -> str | None:
        """As its rows."""
        return self.rows.each

    @property
    def named(self) -> str:
        """As its rows."""
        return self.rows.named

    def as_page(self, body: bytes) -> bytes:
        """Return what its rows make of it."""
        return self.rows.as_page(body)

    def wait(self, age: timedelta) -> timedelta:
        """Return how long to wait before a job of `age` is looked at: as long again as it has taken."""
        return min(self.every, max(_SOON, age))
