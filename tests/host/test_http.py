"""HTTP as the platform serves it, ugly parts included."""

import concurrent.futures
import json
from collections.abc import Iterator

import pytest
from azure.storage.queue import QueueClient

from tests.host.running_host import RunningHost, unique

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def output(azurite: str) -> str:
    return unique("output")


@pytest.fixture(scope="module")
def web(
    azurite: str, output: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHost]:
    settings = {
        "AzureWebJobsStorage": azurite,
        "AzureFunctionsWebHost__hostid": unique("web"),
        "AzureWebJobs.off.Disabled": "true",
        "OUTPUT": output,
        "CUSTOM": "1",
    }
    host = RunningHost("web_app", settings, tmp_path_factory.mktemp("web"))
    yield host
    assert host.stop() == 0


def test_routes_are_tried_in_name_order_without_preference_for_literals(web: RunningHost) -> None:
    assert web.call("GET", "/api/things/latest").text == "thing latest"
    assert web.call("GET", "/API/Things/5/").text == "thing 5"


def test_a_wrong_method_is_404_and_head_is_not_implied_by_get(web: RunningHost) -> None:
    assert web.call("POST", "/api/things/5").status == 201
    assert web.call("DELETE", "/api/things/5").status == 404
    assert web.call("HEAD", "/api/things/5").status == 404


def test_head_has_the_length_but_no_body(web: RunningHost) -> None:
    answer = web.call("HEAD", "/api/head")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "5")


@pytest.mark.parametrize(("value", "status"), [("5", 200), ("0", 404), ("x", 404), ("5/6", 404)])
def test_a_violated_constraint_is_404(web: RunningHost, value: str, status: int) -> None:
    assert web.call("GET", f"/api/numbers/{value}").status == status


def test_functions_with_impossible_routes_are_dropped_alone(web: RunningHost) -> None:
    assert {"reserved", "zz_conflicting"}.isdisjoint(web.ready["functions"])
    assert {"a_thing", "slashed", "make_thing"} & set(web.ready["functions"]) == {
        "a_thing",
        "make_thing",
    }
    assert "The 'reserved' function is in error" in web.log()
    assert web.call("PUT", "/api/things/5").status == 404


def test_the_request_arrives_as_the_platform_passes_it(web: RunningHost) -> None:
    answer = web.call(
        "POST",
        "/api/echo/a%20b/c%2Fd?x=1&x=2&empty=&plus=a+b",
        "text",
        {"X-Mixed-Case": "yes", "Host": "example.org"},
    )
    seen = answer.json()
    assert seen["url"] == "http://example.org/api/echo/a%20b/c%2Fd?x=1&x=2&empty=&plus=a+b"
    assert seen["query"] == {"x": "1,2", "plus": "a b"}
    assert seen["route"] == {"rest": "a b/c%2Fd"}
    assert seen["headers"]["x-mixed-case"] == "yes"
    assert (seen["method"], seen["body"]) == ("POST", "text")


def test_a_chunked_body_arrives_empty(web: RunningHost) -> None:
    assert web.call("POST", "/api/echo/x", b"lost", chunked=True).json()["body"] == ""


def test_the_callers_trace_context_reaches_the_function(web: RunningHost) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert web.call("GET", "/api/echo/x", None, {"traceparent": parent}).json()["trace"] == parent
    made = web.call("GET", "/api/echo/x").json()["trace"]
    assert len(made) == len(parent)
    assert made != parent


def test_a_worker_sees_the_app_settings_and_not_the_shell(web: RunningHost) -> None:
    environment = web.call("GET", "/api/echo/x").json()["environment"]
    assert "CUSTOM" in environment
    assert "KANRI_OF_THE_SHELL" not in environment


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("plain words", "plain words"),
        ('"quoted"', "quoted"),
        ("null", ""),
        ("true", "True"),
        ('{"a":[1,{}]}', '{\n  "a": [\n    1,\n    {}\n  ]\n}'),
    ],
)
def test_a_returned_str_is_tried_as_json(web: RunningHost, said: str, heard: str) -> None:
    answer = web.call("POST", "/api/say", said)
    assert (answer.status, answer.text) == (200, heard)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_returned_str_may_describe_a_whole_response(web: RunningHost) -> None:
    described = {"body": "tea", "statusCode": "418", "headers": {"X-Pot": "short"}}
    answer = web.call("POST", "/api/say", json.dumps(described))
    assert (answer.status, answer.text, answer.headers["x-pot"]) == (418, "tea", "short")


def test_failures_are_an_empty_500_and_their_text_goes_to_the_log(web: RunningHost) -> None:
    answer = web.call("GET", "/api/boom")
    assert (answer.status, answer.body) == (500, b"")
    assert "Exception: RuntimeError: a secret reason" in web.log()


def test_returning_none_is_500_but_an_unset_output_is_an_empty_200(web: RunningHost) -> None:
    assert web.call("GET", "/api/nothing").status == 500
    answer = web.call("GET", "/api/unset")
    assert (answer.status, answer.body) == (200, b"")


def test_a_function_without_any_output_is_204(web: RunningHost) -> None:
    answer = web.call("GET", "/api/silent")
    assert (answer.status, answer.body) == (204, b"")


def test_cookies_are_rewritten_and_a_date_with_dashes_is_500(web: RunningHost) -> None:
    good = web.call("GET", "/api/cookie?expires=Thu,%2012%20Jan%202017%2013:55:08%20GMT")
    assert good.headers["set-cookie"] == (
        "seen=a%2Fb; expires=Thu, 12 Jan 2017 13:55:08 GMT; domain=; path=; secure; "
        "samesite=lax; httponly"
    )
    bad = web.call("GET", "/api/cookie?expires=Thu,%2012-Jan-2017%2013:55:08%20GMT")
    assert bad.status == 500


def test_a_disabled_function_is_404(web: RunningHost) -> None:
    assert web.call("GET", "/api/off").status == 404


def test_host_routes(web: RunningHost) -> None:
    assert web.call("GET", "/").status == 200
    assert web.call("GET", "/admin/host/ping").status == 200
    assert web.call("GET", "/admin/host/status").status == 401
    assert web.call("GET", "/elsewhere").status == 404


def test_outputs_and_inputs(web: RunningHost, azurite: str, output: str) -> None:
    assert web.call("GET", "/api/inputs/one").text == "none"
    assert web.call("GET", "/api/outputs?name=one&text=%5B%22a%22%5D").text == "done"
    assert web.call("GET", "/api/inputs/one").text == '["a"]'
    with QueueClient.from_connection_string(azurite, output) as queue:
        contents = [message.content for message in queue.receive_messages(max_messages=32)]
    assert "YQ==" in contents  # the array's element, base64 by default; other tests send too


def test_a_failing_output_is_500_although_the_function_ran(web: RunningHost) -> None:
    assert web.call("GET", "/api/outputs?text=x").status == 500  # no value for {name}


def test_too_many_requests_are_429(web: RunningHost) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: web.call("GET", "/api/slow"), range(8)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] * 4 + [429] * 4
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.headers["x-function-scaleout"] == "1"


def test_a_dead_worker_is_replaced(web: RunningHost) -> None:
    before = web.call("GET", "/api/echo/x").json()["pid"]
    assert web.call("GET", "/api/die").status == 500
    after = web.call("GET", "/api/echo/x").json()["pid"]
    assert before != after


def test_the_function_timeout_ends_the_worker(web: RunningHost) -> None:
    before = web.call("GET", "/api/echo/x").json()["pid"]
    assert web.call("GET", "/api/hang").status == 500
    assert web.call("GET", "/api/echo/x").json()["pid"] != before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/things/5", 200),
        ("GET", "/api/nowhere", 404),
        ("DELETE", "/api/things/5", 404),
        ("GET", "/", 200),
    ],
)
def test_headers_of_host_json_are_on_every_answer(
    web: RunningHost, method: str, path: str, status: int
) -> None:
    answer = web.call(method, path)
    assert (answer.status, answer.headers["x-everywhere"]) == (status, "1")
