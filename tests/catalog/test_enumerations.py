"""Members that an enumeration got later: Graph shows them only to who asks for every member."""

import json
from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import EVERY_MEMBER, Collector
from tests.catalog.metadata import item_of, metadata, needs_metadata
from tests.catalog.test_collectors import EVERY
from tests.fixtures.collecting import Bench

_SENTINEL = "unknownFutureValue"


def later_members(kind: str | None, path: str = "", above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield `path: member` of each enumeration in a type, at any depth, for what came later."""
    types, enums = metadata()["types"], metadata()["enums"]
    while kind is not None and kind in types and kind not in above:
        above = (*above, kind)
        for name, declared in types[kind].get("p", {}).items():
            own, where = declared.lstrip("[~").rstrip("!*"), f"{path}/{name}"
            members = enums[own]["m"] if own in enums else []
            if _SENTINEL in members:
                yield from (f"{where}: {m}" for m in members[members.index(_SENTINEL) + 1 :])
            yield from later_members(own, where, above)
        kind = types[kind].get("b")


@needs_metadata
@EVERY
def test_who_reads_an_enumeration_with_later_members_asks_for_them(spec: Collector) -> None:
    read = {column.source.partition("/")[0] for column in spec.columns}
    later = [m for m in later_members(item_of(spec)) if m.split("/")[1].split(":")[0] in read]
    assert not later or set(EVERY_MEMBER) <= set(spec.ask.headers), later


@pytest.mark.stack
def test_results_of_report_only_policies_arrive(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.throttle(0)
    row = bench.collect("sign_ins")
    sandbox_admin.throttle(1)
    assert row is not None
    assert row.rows > 0
    told = json.dumps(list(bench.current("sign_ins").values()))
    assert "reportOnly" in told
    assert _SENTINEL not in told
