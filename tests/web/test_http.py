"""Cursors, compression, languages and problems, each on its own."""

import gzip
import json
import random
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import BadRequest, NotFound, Throttled
from shared.core.text import Text
from shared.web.compression import accepts_gzip, compressed, in_one_piece
from shared.web.cursor import Cursors
from shared.web.digest import digest_of
from shared.web.endpoint import Endpoint
from shared.web.http import Request, Response
from shared.web.language import accepted_language
from shared.web.problem import problem
from shared.web.route import Route

CURSORS = Cursors(lambda: b"k" * 32, "key:1")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False)
)


def request(**headers: str) -> Request:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", "https://kanri.example/api/x?y=1", {"y": "1"}, names, {})


@given(st.lists(SCALARS, max_size=4))
def test_a_cursor_returns_its_position(after: list[str | int | float | bool | None]) -> None:
    digest = digest_of("question", 1)
    assert CURSORS.decode(CURSORS.encode(digest, after), digest) == after


def test_a_cursor_of_another_question_is_refused() -> None:
    cursor = CURSORS.encode(digest_of("one"), ["a"])
    with pytest.raises(BadRequest) as caught:
        CURSORS.decode(cursor, digest_of("another"))
    assert caught.value.code == "cursor_foreign"


def test_a_cursor_of_another_caller_or_another_deployment_is_refused() -> None:
    digest = digest_of("one")
    cursor = CURSORS.encode(digest, ["a"])
    for reader, code in (
        (Cursors(CURSORS.key, "key:2"), "cursor_foreign"),
        (Cursors(lambda: b"x" * 32, "key:1"), "cursor_malformed"),
    ):
        with pytest.raises(BadRequest) as caught:
            reader.decode(cursor, digest)
        assert caught.value.code == code


@given(st.text(max_size=40))
def test_no_garbage_passes_for_a_cursor(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        CURSORS.decode(text, digest_of("question"))
    assert caught.value.code == "cursor_malformed"


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("gzip;q=1.0", True),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_used_when_it_is_wanted(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_an_export_is_compressed_as_it_is_read_and_held_once() -> None:
    """Ten megabytes of rows: what is held at any moment is a chunk, and the finished body."""
    chunks = [random.Random(number).randbytes(100_000) * 5 for number in range(20)]
    for packed in (False, True):
        tracemalloc.start()
        body = in_one_piece(iter(chunks), packed=packed)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (gzip.decompress(body) if packed else body) == b"".join(chunks)
        assert peak < len(body) + 5_000_000


def test_an_export_has_a_limit_and_the_refusal_names_the_way_out() -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(100):
            taken.append(number)
            yield bytes(500_000)

    with pytest.raises(BadRequest) as caught:
        in_one_piece(chunks(), packed=False, megabytes=2)
    assert caught.value.code == "export_too_large"
    assert "gzip" in caught.value.message()
    assert len(taken) == 5
    assert len(in_one_piece(chunks(), packed=True, megabytes=2)) < 2_000_000


def test_a_small_answer_stays_as_it_is() -> None:
    assert compressed(Response(body=b"x" * 1024), "gzip").body == b"x" * 1024
    large = compressed(Response(body=b"x" * 1025), "gzip")
    assert large.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(large.body) == b"x" * 1025


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-GB,ja;q=0.5", "en"),
        ("fr", "en"),
        ("fr, ja;q=0.1", "ja"),
        ("ja;q=x", "en"),
        ("", "en"),
        ("*", "en"),
        ("*;q=0.5, ja;q=0.1", "en"),
        ("*;q=0.1, ja;q=0.5", "ja"),
        ("en;q=0, *;q=0.1", "ja"),
    ],
)
def test_the_language_follows_the_weights(header: str, lang: str) -> None:
    assert accepted_language(request(accept_language=header)) == lang


def test_a_problem_names_code_parameter_and_request() -> None:
    error = NotFound("report_unknown", parameter="report", value="nope")
    answer = problem(error, request(), "ja", "r-1")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "urn:kanri:problem:report_unknown",
        "title": "見つかりません",
        "status": 404,
        "detail": error.message("ja"),
        "instance": "/api/x",
        "code": "report_unknown",
        "requestId": "r-1",
        "parameter": "report",
    }


def test_a_wait_is_told_in_whole_seconds() -> None:
    error = Throttled("graph_budget", retry_after=3.2, service="directory")
    assert problem(error, request(), "en", "r").headers["Retry-After"] == "4"


def test_a_route_with_an_unknown_permission_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="report:burn"):
        Route(
            Endpoint("http_x", "GET", "v1/x"),
            permission="report:burn",
            summary=Text("x", "x"),
            handle=lambda _: Response(),
        )
