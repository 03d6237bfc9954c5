"""What a collector declares: where Graph keeps the data, how to read it, which columns to keep.

A collector is one file `catalog/collectors/<area>/<dataset>.py` with one `COLLECTOR`; the dataset
id is the file name. It is a product of four small answers: what is asked (`ask`), what the answer
looks like (`answer`), how much of it is read (`extent`) and what is kept of it (`keep`). The engine
(graph, usecases.collect, store) asks these parts, and never for their type.
"""

from shared.core.collector.answer import Answer, Csv, Job, Listed, Single
from shared.core.collector.ask import EVERY_MEMBER, Get
from shared.core.collector.column import (
    ASKED,
    TOLD,
    Column,
    ColumnType,
    Permission,
    Shape,
    collated,
)
from shared.core.collector.declaration import COLLECTORS, PLANS, Collector
from shared.core.collector.extent import (
    Below,
    Dates,
    Delta,
    Extent,
    LookBack,
    Period,
    Since,
    Slices,
    Whole,
)
from shared.core.collector.keep import Daily, Events, Keep, Versions
from shared.core.collector.part import FROM, NOW, UNTIL, Bounds

__all__ = [
    "ASKED",
    "COLLECTORS",
    "EVERY_MEMBER",
    "FROM",
    "NOW",
    "PLANS",
    "TOLD",
    "UNTIL",
    "Answer",
    "Below",
    "Bounds",
    "Collector",
    "Column",
    "ColumnType",
    "Csv",
    "Daily",
    "Dates",
    "Delta",
    "Events",
    "Extent",
    "Get",
    "Job",
    "Keep",
    "Listed",
    "LookBack",
    "Period",
    "Permission",
    "Shape",
    "Since",
    "Single",
    "Slices",
    "Versions",
    "Whole",
    "collated",
]
