"""What a kind of declaration is: where its files lie, and what each of them declares."""

from msgspec import Struct


class Kind[T](Struct, frozen=True):
    """A kind of declaration, said once beside the type `of` that its files declare.

    Each file of `package` is one declaration, the global `attribute`; with `areas` the files lie one
    folder deeper. Its id is the name of the file and is filled in as its field `named`. Where other
    code lies in the package too (`among_others`), only a file that assigns `attribute` is one.
    `first` is the id that comes before the others, which are sorted. `unknown` is the error code for
    an id that a caller asked for and nobody has.
    """

    package: str
    attribute: str
    of: type[T]
    named: str
    areas: bool = False
    among_others: bool = False
    first: str = ""
    unknown: str = ""
