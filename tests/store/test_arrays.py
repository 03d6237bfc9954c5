"""Arrays that are written in one go are byte for byte what the driver makes element by element."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer

from shared.store.session.arrays import array, bytes_array, text_array

TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]))
# Few and many different ones, with and without nulls.
TEXTS = st.one_of(
    st.lists(st.text(), min_size=1),
    st.lists(st.text() | st.none(), min_size=1),
    st.lists(st.sampled_from(["a", "\u3042", "", None]), min_size=5),
)


def by_the_driver(values: Sequence[Any], of: str) -> bytes:
    """An array in binary form, of which the head is taken from a whole one of `of`, and the elements
    are those that the driver writes."""
    transformer = Transformer()
    oid = psycopg.adapters.types[of].oid
    written = b""
    for value in values:
        if value is None:
            written += (-1).to_bytes(4, signed=True)
            continue
        dumper = psycopg.adapters.get_dumper_by_oid(oid, psycopg.pq.Format.BINARY)
        one = dumper(type(value)).dump(value)
        assert one is not None
        written += len(bytes(one)).to_bytes(4) + bytes(one)
    whole = transformer.get_dumper(["x"], PyFormat.BINARY).dump(["x"])
    assert whole is not None
    head = bytearray(bytes(whole)[:20])
    head[8:12], head[12:16] = oid.to_bytes(4), len(values).to_bytes(4)
    return bytes(head) + written


@given(TEXTS)
def test_texts(texts: list[str | None]) -> None:
    assert array("text", texts) == by_the_driver(texts, "text")


@given(st.lists(st.text(), min_size=1))
def test_texts_as_the_driver_writes_a_list(texts: list[str]) -> None:
    dumper = Transformer().get_dumper(texts, PyFormat.BINARY)
    assert text_array(texts) == bytes(dumper.dump(texts) or b"")


@given(st.lists(st.binary() | st.none(), min_size=1))
def test_bytes(values: list[bytes | None]) -> None:
    assert array("bytea", values) == by_the_driver(values, "bytea")


@pytest.mark.parametrize(
    ("kind", "elements"),
    [
        ("bool", st.booleans()),
        ("int8", st.integers(-(2**63), 2**63 - 1)),
        ("float8", st.floats()),
        ("date", st.dates(date.min, date.max)),
        ("timestamptz", TIMES),
    ],
)
def test_values(kind: str, elements: st.SearchStrategy[Any]) -> None:
    @given(st.lists(elements | st.none(), min_size=1))
    def each(values: list[Any]) -> None:
        assert array(kind, values) == by_the_driver(values, kind)

    each()


@pytest.mark.stack
def test_the_server_takes_what_is_written(owner_url: str) -> None:
    told: dict[str, list[Any]] = {
        "bool": [True, None, False],
        "bytea": [b"\x00\xff", None],
        "int8": [-(2**63), None, 7],
        "text": ["a", None, "\u3042"],
        "float8": [0.5, None],
        "date": [date(1, 1, 1), None, date(2026, 12, 1)],
        "timestamptz": [datetime(1999, 12, 31, 23, 59, 59, 999999, UTC), None],
        "jsonb": [b'{"a": [1, null]}', None],
    }
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        from shared.store.session.arrays import take_arrays

        take_arrays(cursor)
        for kind, values in told.items():
            query = f"SELECT unnest(%b::{kind}[])".encode()
            found = cursor.execute(query, [array(kind, values)]).fetchall()
            expected = [{"a": [1, None]}, None] if kind == "jsonb" else values
            assert [row[0] for row in found] == expected


def test_an_array_without_elements_has_a_type_of_its_own() -> None:
    no_dimensions, no_nulls = bytes(4), bytes(4)
    assert text_array([]) == no_dimensions + no_nulls + (25).to_bytes(4)
    assert bytes_array([]) == no_dimensions + no_nulls + (17).to_bytes(4)
