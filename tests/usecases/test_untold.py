"""What a row does not tell is not null: columns without null keep what was known, and annotations are no change."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.session.sessions import tenant_session
from tests.fixtures.collecting import Bench

pytestmark = pytest.mark.stack

# Read whole in every test: a small tenant will do.
SANDBOX_USERS = 60

ANN = {
    "id": "a",
    "displayName": "Ann",
    "userPrincipalName": "ann@x.example",
    "accountEnabled": False,
    "assignedLicenses": [{"skuId": "s"}],
    "jobTitle": "Cartographer",
}


class Told:
    """Collects what the test says that Graph answers."""

    def __init__(self, bench: Bench, admin: SandboxAdmin) -> None:
        self._bench = bench
        self._admin = admin

    def read(self, dataset: str, path: str, *objects: object) -> None:
        page = {"value": objects}
        if dataset in ("users", "groups"):
            page["@odata.deltaLink"] = (
                f"{self._bench.settings.graph_endpoint}/v1.0{path}?$deltatoken=x"  # type: ignore[assignment]
            )
        body = json.dumps(page, ensure_ascii=False)
        self._admin.faults({"kind": "body", "path": path, "value": body})
        row = self._bench.collect(dataset)
        self._admin.clear_faults()
        assert row is not None
        assert (row.state, row.cause) == ("ok", None)

    def rows(self, dataset: str, *columns: str, past: bool = False) -> list[tuple[object, ...]]:
        where = "valid_to IS NOT NULL" if past else "valid_to IS NULL"
        query = f"SELECT {', '.join(columns)} FROM {SCHEMA}.{dataset} WHERE {where} ORDER BY id, valid_from"
        with tenant_session(self._bench.engine, self._bench.tenant_id) as connection:
            return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def told(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[Told]:
    """A bench that reads pages of the test's own, more often than Graph would allow."""
    sandbox_admin.throttle(0)
    yield Told(bench, sandbox_admin)
    sandbox_admin.throttle(1.0)


KEPT = ("display_name", "account_enabled", "assigned_licenses", "job_title")


@pytest.mark.parametrize("untold", [{}, {"accountEnabled": None, "assignedLicenses": None}])
def test_a_delta_row_that_leaves_out_what_has_no_null_changes_nothing_of_it(
    told: Told, untold: dict[str, object]
) -> None:
    told.read("users", "/users/delta", ANN)
    told.read("users", "/users/delta", {"id": "a", "department": "営業部", **untold})
    assert told.rows("users", *KEPT, "department") == [
        ("Ann", False, [{"skuId": "s"}], None, "営業部")
    ]
    told.read("users", "/users/delta", {"department": "営業部", "id": "a", **untold})
    assert told.rows("users", *KEPT)[0][:3] == ("Ann", False, [{"skuId": "s"}])
    told.read("users", "/users/delta", {**ANN, "accountEnabled": True, "assignedLicenses": []})
    assert told.rows("users", *KEPT) == [("Ann", True, [], "Cartographer")]


def test_what_was_never_told_is_unknown(told: Told) -> None:
    told.read("users", "/users/delta", {"id": "a", "displayName": "Ann"})
    assert told.rows("users", "account_enabled", "assigned_licenses") == [(None, None)]


def test_a_full_read_that_leaves_it_out_keeps_it_too(told: Told) -> None:
    policy = {"id": "p", "displayName": "Block", "state": "enabled", "conditions": {"a": 1}}
    told.read("conditional_access_policies", "/policies", policy)
    told.read("conditional_access_policies", "/policies", {"id": "p", "grantControls": {"b": 2}})
    found = told.rows("conditional_access_policies", "display_name", "state", "grant_controls")
    assert found == [("Block", "enabled", {"b": 2})]


PLACE = {"id": "l", "displayName": "Tokyo", "isTrusted": True}
TYPED = {"@odata.type": "#microsoft.graph.ipNamedLocation", **PLACE}


@pytest.mark.parametrize(
    ("dataset", "path", "first", "second"),
    [
        ("named_locations", "/namedLocations", TYPED, PLACE),
        ("named_locations", "/namedLocations", PLACE, {**PLACE, "@odata.etag": "1"}),
        ("users", "/users/delta", ANN, {"@odata.type": "#microsoft.graph.user", **ANN}),
        ("users", "/users/delta", {**ANN, "assignedLicenses@odata.context": "x"}, ANN),
        (
            "role_assignments",
            "/roleAssignments",
            {
                "id": "r",
                "principalId": "a",
                "principal": {"@odata.type": "#microsoft.graph.user", "id": "a"},
            },
            {"id": "r", "principalId": "a", "principal": {"id": "a"}},
        ),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_an_annotation_that_comes_or_goes_makes_no_version(
    told: Told, dataset: str, path: str, first: object, second: object, *, turned: bool
) -> None:
    told.read(dataset, path, second if turned else first)
    told.read(dataset, path, first if turned else second)
    assert told.rows(dataset, "id", past=True) == []
    if dataset == "named_locations" and first is TYPED:
        assert told.rows(dataset, "location_type") == [("#microsoft.graph.ipNamedLocation",)]
    if dataset == "role_assignments":
        assert told.rows(dataset, "principal_type") == [("#microsoft.graph.user",)]


def test_another_type_is_another_version(told: Told) -> None:
    told.read("named_locations", "/namedLocations", TYPED)
    before = clock.now()
    other = {**TYPED, "@odata.type": "#microsoft.graph.countryNamedLocation"}
    told.read("named_locations", "/namedLocations", other)
    [(ended, until)] = told.rows("named_locations", "location_type", "valid_to", past=True)
    assert ended == "#microsoft.graph.ipNamedLocation"
    assert until >= before  # type: ignore[operator]


def test_json_is_stored_as_it_was_sent(told: Told) -> None:
    last = "9999-12-31T23:59:59.9999999Z"
    policy = {"id": "p", "displayName": "x", "state": "enabled", "conditions": {"until": last}}
    policy["createdDateTime"] = last
    told.read("conditional_access_policies", "/policies", policy)
    [(conditions, raw)] = told.rows("conditional_access_policies", "conditions", "raw")
    assert conditions == {"until": last}
    assert raw == policy
