"""Expressions, outputs, names and host.json, without a running host."""

import asyncio
import itertools
import json
import re
from pathlib import Path

import pytest

from infra.local.host.bindings import queue_bodies
from infra.local.host.connections import HOST_STORAGE, StorageAccounts
from infra.local.host.errors import HostError
from infra.local.host.expressions import expand
from infra.local.host.functions import read_functions
from infra.local.host.host_json import load_host_json
from infra.local.host.queues import poison_queue
from infra.local.host.retries import backoff, pauses
from infra.local.host.wire import Indexed, Retry, Typed


def test_expressions() -> None:
    settings, data = {"BOX": "letters"}, {"Id": 7, "who": {"Name": "ann"}}
    assert expand("%BOX%/{id}-{who.name}", settings, data) == "letters/7-ann"
    assert re.fullmatch(r"[0-9a-f-]{36}", expand("{rand-guid}", settings, data))
    assert re.fullmatch(r"\d{4}/\d\d", expand("{DateTime:yyyy/MM}", settings, data))


@pytest.mark.parametrize("text", ["%NOPE%", "{nope}", "{id.deeper}"])
def test_an_expression_without_a_value_fails(text: str) -> None:
    with pytest.raises(ValueError, match=r"value"):
        expand(text, {}, {"id": 7})


@pytest.mark.parametrize(
    ("value", "bodies"),
    [
        (Typed("bytes", b"[1]"), [b"[1]"]),
        (Typed("string", "text"), [b"text"]),
        (Typed("string", '{"a": 1}'), [b'{\n  "a": 1\n}']),
        (Typed("json", '["x", true, {}]'), [b"x", b"True", b"{}"]),
        (Typed("string", "[not json]"), [b"[not json]"]),
        (Typed("string", "[]"), []),
    ],
)
def test_queue_bodies(value: Typed, bodies: list[bytes]) -> None:
    assert queue_bodies(value) == bodies


@pytest.mark.parametrize(
    ("queue", "poison"),
    [("work", "work-poison"), ("work-poison", None), ("q" * 56, "q" * 56 + "-poison"),
     ("q" * 57, None)],
)  # fmt: skip
def test_poison_queue(queue: str, poison: str | None) -> None:
    assert poison_queue(queue) == poison


def indexed(name: str, *extra: dict[str, str]) -> Indexed:
    trigger = {"type": "timerTrigger", "name": "timer", "direction": "IN"}
    return Indexed(name, name, [json.dumps(binding) for binding in (trigger, *extra)])


def test_a_function_with_a_fault_is_dropped_alone_and_the_others_are_in_name_order() -> None:
    out = {"type": "queue", "direction": "OUT", "queueName": "q"}
    items = [
        indexed("zebra"),
        indexed("under_score"),
        indexed("underzone"),
        indexed("host"),
        indexed("1st"),
        indexed("dunder", {**out, "name": "a__b"}),
        indexed("twice", {**out, "name": "TIMER"}),
        indexed("unknown", {**out, "name": "x", "type": "kafka"}),
        indexed("second_trigger", {"type": "queueTrigger", "name": "q", "direction": "IN"}),
    ]
    functions, faults = read_functions(items, None)
    assert [function.name for function in functions] == ["underzone", "under_score", "zebra"]
    assert set(faults) == {"host", "1st", "dunder", "twice", "unknown", "second_trigger"}


def test_the_allow_list_of_host_json() -> None:
    functions, faults = read_functions([indexed("one"), indexed("two")], ("TWO",))
    assert [function.name for function in functions] == ["two"]
    assert faults == {}


def write(folder: Path, document: object) -> Path:
    path = folder / "host.json"
    path.write_text(json.dumps(document))
    return path


def test_app_settings_override_host_json(tmp_path: Path) -> None:
    path = write(tmp_path, {"version": "2.0", "extensions": {"queues": {"BatchSize": 4}}})
    settings = {
        "AzureFunctionsJobHost__extensions__queues__batchSize": "7",
        "AzureFunctionsJobHost__functionTimeout": "-1",
    }
    found = load_host_json(path, settings)
    assert (found.queues.batch_size, found.function_timeout) == (7, None)
    assert (found.queues.message_encoding, found.http.route_prefix) == ("base64", "api")


@pytest.mark.parametrize(
    "document",
    [
        {"version": 2.0},
        {},
        [],
        {"version": "2.0", "extensions": {"queues": {"batchSize": 33}}},
        {"version": "2.0", "extensions": {"queues": {"maxPollingInterval": "00:00:00.05"}}},
        {"version": "2.0", "extensions": {"queues": {"messageEncoding": "utf-16"}}},
        {"version": "2.0", "functionTimeout": "soon"},
        {"version": "2.0", "extensions": []},
    ],
)
def test_a_bad_host_json_stops_the_host(tmp_path: Path, document: object) -> None:
    with pytest.raises(HostError):
        load_host_json(write(tmp_path, document), {})


def test_pauses_grow_from_the_minimum_to_the_maximum() -> None:
    found = list(itertools.islice(backoff(1, 10), 6))
    bounds = [(1, 1), (1.8, 2.2), (2.6, 3.4), (4.2, 5.8), (7.4, 10), (10, 10)]
    assert all(low <= pause <= high for pause, (low, high) in zip(found, bounds, strict=True))


@pytest.mark.parametrize(("most", "expected"), [(0, [None]), (2, [5.0, 5.0, None])])
def test_a_policy_pauses_after_each_attempt_but_the_last(most: int, expected: list[object]) -> None:
    assert list(pauses(Retry(most, fixed=True, delay=5.0))) == expected


def test_no_policy_is_one_attempt_and_minus_one_is_no_end() -> None:
    assert list(pauses(None)) == [None]
    assert list(itertools.islice(pauses(Retry(-1, fixed=True, delay=5.0)), 100)) == [5.0] * 100


def test_the_short_name_of_azurite_on_its_usual_ports() -> None:
    asyncio.run(_short_name())


async def _short_name() -> None:
    accounts = StorageAccounts({"AzureWebJobsStorage": "usedevelopmentstorage=TRUE;"})
    base = "http://127.0.0.1"
    assert accounts.queue(HOST_STORAGE, "q").url == f"{base}:10001/devstoreaccount1/q"
    assert accounts.blob(HOST_STORAGE, "c", "b").url == f"{base}:10000/devstoreaccount1/c/b"
    assert accounts.table(HOST_STORAGE, "t").url == f"{base}:10002/devstoreaccount1"
    await accounts.close()
