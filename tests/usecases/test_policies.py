"""Conditional Access from Graph to the report: whatever the tenant's policies say is read."""

import json
from collections.abc import Iterator

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import registry
from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """One request a second is too few for what other tests of the process have asked before."""
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1)


def report_rows(bench: Bench) -> dict[str, dict[str, object]]:
    spec = registry.report("conditional")
    columns = tuple(column.id for column in spec.columns)
    question = ReportQuery(as_of=None, columns=columns, order=(Order("id"),), top=1000)
    with Reports(bench.engine).snapshot(bench.tenant_id) as snapshot:
        page = snapshot.page(spec, question)
    return {
        str(row[columns.index("id")]): dict(zip(columns, row, strict=True)) for row in page.rows
    }


def said(value: object, name: str = "") -> Iterator[str]:
    """Every text, number and switch of a policy, annotations apart."""
    match value:
        case dict():
            for key, part in value.items():
                if "@" not in key:
                    yield from said(part, key)
        case list():
            for part in value:
                yield from said(part, name)
        case bool():
            yield f"{name}: {json.dumps(value)}"
        case int() | str():
            yield str(value)


def test_every_word_of_a_policy_is_in_its_row(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    # Their names are not read here: ids stand where a name is not known, and can be compared.
    row = bench.collect("conditional_access_policies")
    assert row is not None
    assert (row.state, row.rows) == ("ok", 16)
    found = report_rows(bench)
    policies = sandbox_admin.journal("conditional_access_policies")["objects"]
    assert set(found) == set(policies)
    for own, policy in policies.items():
        text = "\n".join(str(value) for value in found[own].values())
        parts = [policy[name] for name in ("conditions", "grantControls", "sessionControls")]
        missing = [word for word in said(parts) if word not in text and word != "false"]
        assert not missing, policy["displayName"]
        assert found[own]["unknown_parts"] is None
    assert {str(row["effect"]) for row in found.values()} == {"blocks", "grants", "session"}


def test_values_newer_than_the_enumeration_arrive_by_their_names(bench: Bench) -> None:
    row = bench.collect("conditional_access_policies")
    assert row is not None
    assert (row.state, row.cause) == ("ok", None)
    (policy,) = [
        raw
        for raw in bench.current("conditional_access_policies").values()
        if str(raw["displayName"]).startswith("CA016")
    ]
    text = json.dumps(policy)
    assert "linux" in text
    assert "riskRemediation" in text
    assert "unknownFutureValue" not in text
