"""What an imported dataset declares: a list that people send as a CSV file, because no API tells it.

An import is one file `catalog/imports/<area>/<dataset>.py` with one `IMPORT`; the dataset id is the
file name. Its rows are kept as those of a collector are, in a table of their own with their history:
a file is the whole list, and what the next one lacks is gone. Nothing ever makes it due.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from msgspec import Struct, field

from shared.core.collector import Collector, Column, Get, Keep, Versions
from shared.core.kind import Kind
from shared.core.text import Text

# How long a copy of an answer is good follows from how often a dataset is read: five minutes.
_AS_IF_EVERY = timedelta(hours=1)

# What stands for a column; ValueError names a text of the section `import_reason`.
type Check = Callable[[object], object]


class Import(Struct, frozen=True, kw_only=True):
    """Declaration of one imported dataset. `dataset` is filled in by the registry from the file name.

    The source of a column is its header, in lower case and with `_` for a space. `key` names the
    headers whose cells identify a line. Cells may be left blank, and headers left out, that are in
    `optional`. `checks` takes the value of a cell, by its header, and returns what is kept of it.
    `docs` says where such a file comes from, `example` is a small one. `person` is as of a collector.
    """

    title: Text
    docs: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    example: str
    optional: tuple[str, ...] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    person: tuple[str, ...] = ()
    keep: Keep = field(default_factory=Versions)
    dataset: str = ""

    @property
    def stored(self) -> Collector:
        """The dataset as the store and reports see it: one of which nothing is asked of Graph."""
        return Collector(
            title=self.title,
            docs=self.docs,
            ask=Get(path=""),
            keep=self.keep,
            columns=self.columns,
            permissions=(),
            every=_AS_IF_EVERY,
            key=self.key,
            person=self.person,
            dataset=self.dataset,
        )


IMPORTS = Kind(
    "shared.catalog.imports",
    "IMPORT",
    Import,
    named="dataset",
    areas=True,
    unknown="import_unknown",
)
