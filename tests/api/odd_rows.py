"""Odd rows for every dataset: all that a report may have to show."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.collector import Collector
from tests.fixtures.in_order import parents_first
from tests.fixtures.seed import collect

# What no sample shows: signs of other scripts and of other languages, ends of ranges, other shapes.
ODD: Mapping[str, Sequence[object]] = {
    "text": (
        "",
        "\u202eabc",
        "e\u0301",
        "é",
        "\u0130",
        "ΟΔΟΣ",
        "👩\u200d👧",
        "a%2F+ b",
        "'\"\\N",
        "=1\t=2",
    ),
    "bool": (True, False),
    "int": (-1, 0, 2**63 - 1, -(2**63)),
    "float": (0.0, -1.5, 1e308),
    "timestamp": (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
    "date": (date(1, 1, 1), date(9999, 12, 31)),
    "json": ([], {}, "text", [None, 1, "a"], [{"skuId": 5}], {"users": {"includeUsers": "All"}}),
}
IDS = ("a%2Fb", "a+b", "a/b", "#?&=", "👩", "ID", "Id")


SHARED: Sequence[Mapping[str, object]] = (
    {"link_scope": "anonymous"},
    {"granted_to": {"user": {"email": "me@outside.example"}}},
)
# What every report shows that shows such objects.
SHOWN: Mapping[str, Sequence[Mapping[str, object]]] = {
    "users": (
        {"user_type": "Guest"},
        {"user_type": "Member", "account_enabled": True, "assigned_licenses": [{"skuId": "s"}]},
    ),
    "message_traces": ({"status": "quarantined"},),
    "teams_apps": ({"distribution_method": "organization"},),
    "teams_configuration": ({"resource_type": "microsoft.teams.meetingpolicy"},),
    "inbox_rules": (
        {"actions": {"redirectTo": [{"emailAddress": {"address": "me@outside.example"}}]}},
    ),
    "drive_item_permissions": SHARED,
    "site_drive_item_permissions": SHARED,
}


def objects(spec: Collector) -> Iterator[dict[str, Any]]:
    """One object for each odd value of each column, and one for each odd id."""
    told = [column for column in spec.columns if column.source != "{parent}"]
    base = {c.name: clock.now() for c in told if c.name == spec.event_time}
    values = [(c.name, odd) for c in told if c.name != spec.event_time for odd in ODD[c.type]]
    for number, (name, odd) in enumerate(values):
        yield {**base, "id": f"o{number}", name: odd}
    yield from ({**base, "id": own} for own in IDS)


def fill(engine: Engine, tenant_id: UUID, dataset: str) -> None:
    """Give a dataset one object for each odd value."""
    spec = registry.collector(dataset)
    found = list(objects(spec))
    shown = cycle(SHOWN.get(dataset, ({},)))
    found = [{**each, **one} for each, one in zip(shown, found, strict=False)]
    if dataset == "members":
        parents = islice(cycle(f"o{n}" for n in range(5)), len(found))
        found = [
            {"member_id": one["id"], **one, "id": f"{parent}/{one['id']}"}
            for parent, one in zip(parents, found, strict=True)
        ]
    day = clock.now().date() - timedelta(days=2) if spec.shape == "measure" else None
    collect(engine, tenant_id, dataset, found, report_date=day)


def fill_all(engine: Engine, tenant_id: UUID) -> None:
    """Fill every dataset, each after the one below whose objects it is read."""
    for dataset in (*parents_first(), *filter(registry.is_imported, registry.kept())):
        fill(engine, tenant_id, dataset)
