"""Times as Graph writes them: never, the end of time, offsets; texts and JSON stay as sent."""

import json
from datetime import UTC, datetime

import pytest

from shared.core.collector import Events
from shared.graph.decoding.pages import Decoder
from tests.graph.things import body, people


def test_the_first_and_the_last_instant_of_dotnet_are_never_and_the_end_of_time() -> None:
    never, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z"
    things = [{"id": "a", "createdDateTime": never}, {"id": "b", "createdDateTime": last}]
    rows = Decoder(people()).page(body(*things, {"id": 5})).rows
    assert [row[2] for row in rows.values] == [None, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
    assert [json.loads(raw) for raw in rows.raws] == things, "what Graph said is kept as it is"
    assert Decoder(people()).page(body(*things)).rows.values == rows.values


@pytest.mark.parametrize("bad", ["", ', {"id": "\\ud800"}'])
def test_json_is_kept_as_sent_and_times_are_rounded(bad: str) -> None:
    last = "9999-12-31T23:59:59.9999999Z"
    sent = f'{{"id":"a","createdDateTime":"{last}","plans":[{{"until":"{last}"}}]}}'
    rows = Decoder(people()).page(f'{{"value":[{sent}{bad}]}}'.encode()).rows
    assert rows.values[0][5] == f'[{{"until":"{last}"}}]'.encode()
    assert rows.values[0][2] == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert rows.raws[0] == sent.encode()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("9999-12-31T23:59:59-09:00", datetime.max.replace(tzinfo=UTC)),
        ("9999-12-31T08:00:00+09:00", datetime(9999, 12, 30, 23, tzinfo=UTC)),
        ("0001-01-01T00:00:00+09:00", None),
    ],
)
def test_an_offset_leads_no_time_out_of_the_calendar(sent: str, kept: datetime | None) -> None:
    rows = Decoder(people()).page(body({"id": "a", "createdDateTime": sent})).rows
    assert rows.values[0][2] == kept
    spec = people(keep=Events("created_at"))
    [event] = Decoder(spec).page(body({"id": "a", "createdDateTime": sent})).rows.values
    assert event[2] == (kept or datetime.min.replace(tzinfo=UTC))
    assert event[2].astimezone(UTC) is not None  # type: ignore[attr-defined]


@pytest.mark.parametrize("digits", ["", ".9", ".999999", ".9999999"])
@pytest.mark.parametrize("beside", ["x", "9999-12-31T23:59:59.9999999Z"])
def test_the_end_of_time_is_one_instant_and_texts_stay_as_sent(digits: str, beside: str) -> None:
    last = f"9999-12-31T23:59:59{digits}Z"
    things = [
        {"id": "a", "displayName": beside, "createdDateTime": last},
        {"id": "b", "displayName": last, "createdDateTime": "1601-01-01T00:00:00Z"},
        {"id": "c", "createdDateTime": "1602-12-31T23:30:00-05:00"},
    ]
    rows = Decoder(people()).page(body(*things)).rows
    assert [row[2] for row in rows.values] == [
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        None,
        datetime(1603, 1, 1, 4, 30, tzinfo=UTC),
    ]
    assert [row[0] for row in rows.values] == [beside, last, None]
