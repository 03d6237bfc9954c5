"""Table bindings."""

import json
from collections.abc import Iterator

import pytest

from tests.host.running_host import RunningHost, unique

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def host(azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    settings = {
        "AzureWebJobsStorage": azurite,
        "AzureFunctionsWebHost__hostid": unique("rows"),
        "BOX": unique("box"),
        "ROWS": unique("rows").replace("-", ""),
    }
    host = RunningHost("storage_app", settings, tmp_path_factory.mktemp("rows"))
    yield host
    assert host.stop() == 0


def add(host: RunningHost, partition: str, rows: object) -> int:
    return host.call("POST", f"/api/rows/{partition}", json.dumps(rows)).status


def test_an_input_is_the_whole_partition_whatever_the_row_key(host: RunningHost) -> None:
    assert host.call("GET", "/api/rows/none").json() == []  # the table does not exist yet
    assert add(host, "o'neil", {"RowKey": "1", "Name": "安", "Nested": {"a": [1]}}) == 200
    assert (
        add(host, "o'neil", [{"RowKey": "2", "Long": 2**40}, {"RowKey": "3", "Yes": True}]) == 200
    )
    assert add(host, "other", {"RowKey": "1", "PartitionKey": "own"}) == 200
    assert host.call("GET", "/api/rows/o'neil").json() == [
        {"PartitionKey": "o'neil", "RowKey": "1", "Name": "安", "Nested": '{"a": [1]}'},
        {"PartitionKey": "o'neil", "RowKey": "2", "Long": 2**40},
        {"PartitionKey": "o'neil", "RowKey": "3", "Yes": True},
    ]
    assert [row["RowKey"] for row in host.call("GET", "/api/rows/own").json()] == ["1"]


def test_filter_and_take(host: RunningHost) -> None:
    assert add(host, "sizes", [{"RowKey": str(size), "Size": size} for size in range(4)]) == 200
    assert [row["Size"] for row in host.call("GET", "/api/big").json()] == [2]


@pytest.mark.parametrize("rows", [{"Name": "no key"}, {"RowKey": 7}, "text", [1]])
def test_what_is_no_row_fails_the_invocation(host: RunningHost, rows: object) -> None:
    assert add(host, "bad", rows) == 500
    assert "output binding: a row" in host.log()


def test_a_row_that_exists_is_not_replaced(host: RunningHost) -> None:
    assert add(host, "twice", {"RowKey": "1", "Take": "first"}) == 200
    assert add(host, "twice", {"RowKey": "1", "Take": "second"}) == 500
    assert [row["Take"] for row in host.call("GET", "/api/rows/twice").json()] == ["first"]
