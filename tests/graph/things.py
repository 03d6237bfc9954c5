"""A collector of things, and bodies of pages of them."""

import json
from datetime import timedelta

from shared.core.collector import Collector, Column, Extent, Get, Whole
from shared.core.text import Text

TITLE = Text("Things", "もの")


def people(extent: Extent | None = None, **given: object) -> Collector:
    columns = (
        Column("name", "displayName"),
        Column("enabled", "accountEnabled", "bool"),
        Column("created_at", "createdDateTime", "timestamp"),
        Column("city", "place/address/city"),
        Column("visits", "visits", "int"),
        Column("plans", "plans", "json"),
        Column("kind", "@odata.type"),
    )
    values: dict[str, object] = {
        "title": TITLE,
        "docs": "https://learn.microsoft.com",
        "ask": Get("people"),
        "extent": extent or Whole(),
        "columns": columns,
        "permissions": (),
        "every": timedelta(hours=1),
        **given,
    }
    return Collector(**values)  # type: ignore[arg-type]


def body(*items: object, **annotations: object) -> bytes:
    return json.dumps({**annotations, "value": items}, ensure_ascii=False).encode()
