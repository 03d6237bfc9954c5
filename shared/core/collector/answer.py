"""The answer: what comes back, and where the rows are in it."""

from dataclasses import dataclass

from shared.core.collector.part import Part


class Answer(Part):
    """What a request is answered with."""

    __slots__ = ()

    @property
    def selectable(self) -> bool:
        """Whether `$select` can name its columns."""
        return True

    def as_page(self, body: bytes) -> bytes:
        """Return the JSON of a page with the objects of this answer."""
        return body

    @property
    def objects(self) -> int | None:
        """How many objects an answer holds; None if any number."""
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Other sources than the key that a row's id may be made of."""
        return ()


@dataclass(frozen=True, slots=True)
class Listed(Answer):
    """A list, `value`, whose pages hang together by `@odata.nextLink`."""


@dataclass(frozen=True, slots=True)
class Single(Answer):
    """One object, which is the whole answer.

    Between the brackets of a page nothing would pass for an empty list, and two for two objects: the
    decoder counts them.
    """

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

    def as_page(self, body: bytes) -> bytes:
        """Return the JSON of a page with the objects of this answer."""
        return body

    @property
    def names(self) -> tuple[str, ...]:
        """What stands in for a key, and what is put behind one."""
        return (*self.instead, *self.apart)
