"""An object below each parent that has no key of its own: it is known by its parent, and by telling anything."""

import pytest

from shared.core.errors import MalformedAnswer
from shared.core.registry import collector
from shared.core.rows import Parent
from shared.graph.decoding.pages import decoder_of

PARENT = Parent("somebody", {})


def test_its_row_has_the_id_of_the_parent() -> None:
    page = decoder_of(collector("mailbox_settings")).page(b'{"timeZone":"UTC"}', PARENT)
    assert page.rows.ids == page.rows.parents == ["somebody"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "{},{}",
        '{"error":{"code":"UnknownError","message":""}}',
        '{"value":[]}',
        '{"userPurpose":null,"language":null}',
        '{"timeZone":"UTC"},{"timeZone":"UTC"}',
    ],
)
def test_what_tells_nothing_is_not_taken_for_it(body: str) -> None:
    with pytest.raises(MalformedAnswer):
        decoder_of(collector("mailbox_settings")).page(body.encode(), PARENT)


@pytest.mark.parametrize(
    ("body", "named"), [("null", None), ("[]", None), ('{"timeZone":1}', "somebody")]
)
def test_what_is_no_such_object_is_rejected(body: str, named: str | None) -> None:
    rows = decoder_of(collector("mailbox_settings")).page(body.encode(), PARENT).rows
    assert (rows.ids, [one.id for one in rows.rejected]) == ([], [named])
