"""Pages of bytes become typed rows; what is bad is rejected by itself."""

import json
from datetime import UTC, datetime

import pytest

from shared.core.collector import Below, Column, Delta, Events
from shared.core.errors import MalformedAnswer
from shared.core.rows import Parent
from shared.graph.decoding.pages import HASH_BYTES, Decoder
from tests.graph.things import body, people

ANN = {
    "id": "a",
    "@odata.type": "#microsoft.graph.user",
    "displayName": "山田 Ann",
    "accountEnabled": True,
    "createdDateTime": "2026-01-02T03:04:05.1234567Z",
    "place": {"address": {"city": "京都", "zip": "600"}, "floor": 3},
    "visits": 2**40,
    "plans": [{"sku": "x"}],
    "extra": {"kept": "in raw"},
}


def test_every_type_and_a_path_into_complex_properties() -> None:
    rows = Decoder(people()).page(body(ANN)).rows
    assert rows.ids == ["a"]
    assert rows.values == [
        (
            "山田 Ann",
            True,
            datetime(2026, 1, 2, 3, 4, 5, 123457, tzinfo=UTC),
            "京都",
            2**40,
            b'[{"sku": "x"}]',
            "#microsoft.graph.user",
        )
    ]
    assert json.loads(rows.raws[0]) == ANN
    assert [len(digest) for digest in rows.hashes] == [HASH_BYTES]


@pytest.mark.parametrize(
    "thing",
    [
        {"id": "a"},
        {"id": "a", "place": None, "plans": None, "visits": None, "createdDateTime": None},
        {"id": "a", "place": {"address": None}},
        {"id": "a", "place": {}},
    ],
)
def test_absent_and_null_both_store_null(thing: dict[str, object]) -> None:
    assert Decoder(people()).page(body(thing)).rows.values == [(None,) * 7]


def test_links_are_taken_verbatim() -> None:
    page = Decoder(people()).page(
        body(**{"@odata.nextLink": "https://g/v1.0/p?$skiptoken=a%2Bb", "@odata.count": 3})
    )
    assert (page.next_link, page.delta_link) == ("https://g/v1.0/p?$skiptoken=a%2Bb", None)
    page = Decoder(people()).page(body(**{"@odata.deltaLink": "https://g/d"}))
    assert (page.next_link, page.delta_link) == (None, "https://g/d")
    assert page.rows.ids == []


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({"id": "b", "accountEnabled": "yes"}, "accountEnabled"),
        ({"id": "b", "createdDateTime": "2026-01-02T03:04:05"}, "createdDateTime"),
        ({"id": "b", "createdDateTime": "soon"}, "createdDateTime"),
        ({"id": "b", "displayName": {"unexpected": 1}}, "displayName"),
        ({"id": "b", "visits": 2**63}, "visits"),
        ({"id": "b", "place": "Kyoto"}, "place"),
    ],
)
def test_a_property_of_another_type_rejects_its_object_only(
    bad: dict[str, object], where: str
) -> None:
    rows = Decoder(people()).page(body({"id": "a"}, bad, {"id": "c"})).rows
    assert rows.ids == ["a", "c"]
    assert [entry.id for entry in rows.rejected] == ["b"]
    assert where in rows.rejected[0].cause
    for value in ("yes", "soon", "Kyoto"):
        assert value not in rows.rejected[0].cause, "a cause holds no data"


@pytest.mark.parametrize("bad", [{"displayName": "x"}, {"id": 7}, "text", 5, [], None])
def test_an_object_without_a_readable_id_is_rejected_without_one(bad: object) -> None:
    rows = Decoder(people()).page(body(bad, {"id": "c"})).rows
    assert rows.ids == ["c"]
    assert [entry.id for entry in rows.rejected] == [None]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>502</html>",
        b'{"value":[{"id":"a"}',
        b'{"value":{"id":"a"}}',
        b'{"error":{"code":"x"}}',
        b"[]",
        b"null",
        b'{"value":[{"id":"a","displayName":"\xff"}]}',
        b'{"value":[],"@odata.nextLink":5}',
        b'{"value":[{"id":"a","x":"\\ud83d"}',
        b'{"value":[{"id":"a","x":"\\ud83d"}]}]}',
        b'{"x":[{"id":"a","x":"\\ud83d"}]}',
    ],
)
def test_what_is_no_page_is_malformed(answer: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        Decoder(people()).page(answer)


def gone(own: str) -> dict[str, object]:
    return {"id": own, "@removed": {"reason": "changed"}}


@pytest.mark.parametrize(
    ("items", "ids", "removed"),
    [
        ([{"id": "a"}, gone("b")], ["a"], [("b", 1)]),
        ([{"id": "a"}, gone("a")], ["a"], [("a", 1)]),
        ([gone("a"), {"id": "a"}], ["a"], [("a", 0)]),
        ([gone("a"), gone("b"), {"id": "c"}, gone("c")], ["c"], [("a", 0), ("b", 0), ("c", 1)]),
        ([{"id": "a"}, gone("a"), {"id": "a"}], ["a", "a"], [("a", 1)]),
    ],
)
def test_a_removal_keeps_its_place_on_the_page(
    items: list[dict[str, object]], ids: list[str], removed: list[tuple[str, int]]
) -> None:
    rows = Decoder(people(Delta())).page(body(*items)).rows
    assert rows.ids == ids
    assert list(zip(rows.removed, rows.removed_after, strict=True)) == removed
    assert len(rows.ids) == len(rows.values) == len(rows.raws) == len(rows.hashes)


def test_fan_out_rows_carry_their_parent() -> None:
    columns = (Column("group_id", "{parent}"), Column("member_id", "id"))
    spec = people(Below("groups"), columns=columns)
    rows = Decoder(spec).page(body({"id": "u"}, {"no": "id"}), parent=Parent("g")).rows
    assert (rows.ids, rows.parents, rows.values) == (["g/u"], ["g"], [("g", "u")])
    assert len(rows.rejected) == 1


def test_an_event_needs_its_time() -> None:
    spec = people(keep=Events("created_at"))
    rows = Decoder(spec).page(
        body({"id": "a"}, {"id": "b", "createdDateTime": "2026-01-01T00:00:00Z"})
    )
    assert rows.rows.ids == ["b"]
    assert [entry.id for entry in rows.rows.rejected] == ["a"]


def test_the_hash_follows_the_bytes() -> None:
    decoder = Decoder(people())
    first, same, other = (decoder.page(body({"id": "a", "x": x})).rows.hashes[0] for x in (1, 1, 2))
    assert first == same != other


def test_a_lone_surrogate_is_replaced_and_its_object_counted() -> None:
    whole = r'{"id":"c","displayName":"\ud83d\ude00 \\ud83d \" ]},{","plans":[["],"]]}'
    answer = (
        r'{"@odata.nextLink":"https://g/next?x=,[","value":[{"id":"a","displayName":"cut \ud83d"},'
        r'{"id":"b","plans":["\udc00\ud83d\u0041"]}, 7 ,' + whole + r'],"@odata.count":4}'
    )
    page = Decoder(people()).page(answer.encode())
    rows = page.rows
    assert page.next_link == "https://g/next?x=,["
    assert (rows.ids, rows.mended, len(rows.rejected)) == (["a", "b", "c"], 2, 1)
    assert [row[0] for row in rows.values] == ["cut \ufffd", None, '\U0001f600 \\ud83d " ]},{']
    assert rows.values[1][5] == rb'["\ufffd\ufffd\u0041"]'
    assert rows.raws[2] == whole.encode(), "what is whole stays as it was sent"
    assert len(rows.hashes) == 3


@pytest.mark.parametrize("opened", ['{"a":', "["])
def test_an_object_too_deep_for_any_decoder_is_rejected_alone(opened: str) -> None:
    closed = "}" if opened == '{"a":' else "]"
    deep = '{"id":"b","plans":' + opened * 100_000 + "1" + closed * 100_000 + "}"
    answer = '{"value":[{"id":"a"},' + deep + ',{"id":"c"}],"@odata.deltaLink":"https://g/d"}'
    page = Decoder(people()).page(answer.encode())
    assert (page.rows.ids, len(page.rows.rejected), page.delta_link) == (
        ["a", "c"],
        1,
        "https://g/d",
    )


@pytest.mark.parametrize(
    ("places", "removed"),
    [
        ("x- x!", []),
        ("x! x-", [("x", 0)]),
        ("a y- x- x! b", [("y", 1)]),
        ("a y- x! x- b", [("y", 1), ("x", 1)]),
        ("x- x! x- a", [("x", 0)]),
    ],
)
def test_an_object_that_came_back_and_was_rejected_is_not_removed(
    places: str, removed: list[tuple[str, int]]
) -> None:
    def item(told: str) -> dict[str, object]:
        marks: dict[str, dict[str, object]] = {
            "-": {"@removed": {}},
            "!": {"accountEnabled": "yes"},
        }
        return {"id": told[0], **marks.get(told[1:], {})}

    rows = Decoder(people()).page(body(*map(item, places.split()))).rows
    assert len(rows.rejected) == 1
    assert list(zip(rows.removed, rows.removed_after, strict=True)) == removed


def test_json_is_kept_as_sent_beside_a_removal() -> None:
    last = '["9999-12-31T23:59:59.9999999Z"]'
    answer = f'{{"value":[{{"id":"b","@removed":{{}}}},{{"id":"a","plans":{last}}}]}}'
    rows = Decoder(people(Delta())).page(answer.encode()).rows
    assert (rows.removed, rows.values[0][5]) == (["b"], last.encode())


def test_one_object_like_no_other_changes_no_other() -> None:
    things: list[dict[str, object]] = [ANN, {"id": "b"}, gone("c"), {"id": "d", "visits": 7}]
    plain = Decoder(people(Delta())).page(body(*things)).rows
    odd = {"id": "z", "createdDateTime": "9999-12-31T23:59:59.9999999Z"}
    for strange in (odd, {"id": 5}, {"id": "z", "displayName": "\ud800"}):
        sent = json.dumps({"value": [*things, strange]}).encode()
        rows = Decoder(people(Delta())).page(sent).rows
        assert rows.ids[:3] == plain.ids
        assert [row[:5] for row in rows.values[:3]] == [row[:5] for row in plain.values]
        assert (rows.removed, rows.removed_after) == (plain.removed, plain.removed_after)


PLAIN = '{"id":"a","displayName":"x @odata.type","place":{"floor":3},"plans":[{"sku":"s"}]}'


@pytest.mark.parametrize(
    "annotated",
    [
        PLAIN.replace('{"id"', '{"@odata.type":"#microsoft.graph.user","id"'),
        PLAIN.replace('{"id"', '{ "@odata.etag" : "W/\\"1,2}\\"" , "id"'),
        PLAIN.replace('"a",', '"a","@odata.id":"users(\\"a\\")",'),
        PLAIN.removesuffix("}") + ',"plans@odata.count":1}',
        PLAIN.replace('{"floor"', '{"@odata.type":"#x","floor"'),
        PLAIN.replace('{"sku":"s"}', '{"sku":"s","@odata.type":"#x"}'),
    ],
)
def test_an_annotation_is_no_part_of_the_hash(annotated: str) -> None:
    spec = people(columns=people().columns[:-1])
    hashes = [
        Decoder(spec).page(f'{{"value":[{item}]}}'.encode()).rows.hashes[0]
        for item in (PLAIN, annotated, annotated.replace('"a"', '"b"', 1))
    ]
    assert json.loads(annotated) != json.loads(PLAIN)
    assert hashes[0] == hashes[1] != hashes[2]


def test_what_looks_like_an_annotation_inside_a_text_counts() -> None:
    spec = people(columns=people().columns[:-1])
    texts = ('\\"@odata.type\\":\\"a\\"', '\\"@odata.type\\":\\"b\\"', ", @odata.x: 1")
    bodies = (f'{{"value":[{{"id":"a","displayName":"{text}"}}]}}' for text in texts)
    assert len({Decoder(spec).page(item.encode()).rows.hashes[0] for item in bodies}) == 3
