"""Which objects of a page are kept, where not all are; and a single object that lies within another."""

import pytest

from shared.core.collector import Column, Single, Versions
from shared.core.errors import MalformedAnswer
from shared.core.registry import collector
from shared.graph.decoding.pages import Decoder, decoder_of
from tests.graph.things import body, people

SPEC = people(
    columns=(Column("name", "displayName"), Column("city", "place/address/city")),
    keep=Versions(having="visits", matching=(("displayName", "(?i)^~|^odd$"),)),
)


def test_what_matches_is_kept_beside_what_has_the_property() -> None:
    told = [
        {"id": "has", "displayName": "plain", "visits": 1},
        {"id": "matches", "displayName": "~plain"},
        {"id": "matches too", "displayName": "ODD", "visits": None},
        {"id": "neither", "displayName": "an odd one"},
        {"id": "nameless", "displayName": None},
        {"id": "gone", "displayName": "~gone", "@removed": {"reason": "deleted"}},
    ]
    rows = Decoder(SPEC).page(body(*told)).rows
    assert rows.ids == ["has", "matches", "matches too"]
    assert rows.removed == ["neither", "nameless", "gone"]


def test_another_pattern_is_another_question() -> None:
    other = people(columns=SPEC.columns, keep=Versions(having="visits"))
    assert SPEC.question != other.question


SETTINGS = '{"sharingCapability":"disabled","isMacSyncAppEnabled":true}'


@pytest.mark.parametrize(
    "told",
    [
        SETTINGS,
        f'{{"value":{SETTINGS}}}',
        f'{{"@odata.context":"...","value": {SETTINGS} }}',
        f'{{"value":null,{SETTINGS[1:]}',
    ],
)
def test_an_object_is_read_whether_it_lies_within_another_or_not(told: str) -> None:
    page = decoder_of(collector("sharepoint_settings")).page(told.encode())
    assert page.rows.ids == ["sharepoint_settings"]
    assert page.rows.values[0][0] == "disabled"


@pytest.mark.parametrize("told", ["", "{}", '{"value":{}}', '{"value":[]}', '{"value":'])
def test_what_holds_no_object_is_malformed(told: str) -> None:
    with pytest.raises(MalformedAnswer):
        decoder_of(collector("sharepoint_settings")).page(told.encode())


def test_only_who_says_so_looks_within() -> None:
    spec = people(columns=(Column("name", "displayName"),), answer=Single(), key=())
    with pytest.raises(MalformedAnswer):
        Decoder(spec).page(b'{"value":{"displayName":"x"}}')
