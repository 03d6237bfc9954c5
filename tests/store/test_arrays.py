"""Arrays that are written in one go are byte for byte what the driver makes element by element."""

from hypothesis import given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer

from shared.store.session.arrays import bytes_array, text_array


def by_the_driver(values: list[str] | list[bytes]) -> bytes:
    dumper = Transformer().get_dumper(values, PyFormat.BINARY)
    written = dumper.dump(values)
    assert written is not None
    return bytes(written)


@given(st.lists(st.text(), min_size=1))
def test_texts(texts: list[str]) -> None:
    assert text_array(texts) == by_the_driver(texts)


@given(st.lists(st.binary(), min_size=1))
def test_bytes(values: list[bytes]) -> None:
    assert bytes_array(values) == by_the_driver(values)


def test_an_array_without_elements_has_a_type_of_its_own() -> None:
    no_dimensions, no_nulls = bytes(4), bytes(4)
    assert text_array([]) == no_dimensions + no_nulls + (25).to_bytes(4)
    assert bytes_array([]) == no_dimensions + no_nulls + (17).to_bytes(4)
