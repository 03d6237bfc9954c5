"""What is told of two versions of an object, column by column and of what is no column."""

from collections.abc import Mapping

from shared.core.object_history import changes
from shared.core.registry import collector


def told(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """The changes of a call record, by the path in Graph."""
    spec = collector("call_records")
    place = [column.source for column in spec.columns].index("organizer_v2/id")

    def row(raw: Mapping[str, object]) -> tuple[object, ...]:
        organizer = raw.get("organizer_v2")
        own = organizer["id"] if isinstance(organizer, dict) else None
        return tuple(own if n == place else None for n in range(len(spec.columns)))

    found = changes(spec, row(before), row(after), (before, after), masked=False)
    return {one.source: (one.before, one.after) for one in found}


def test_each_part_that_is_no_column_has_its_name_beside_one_that_is() -> None:
    one = {"organizer_v2": {"id": "1", "name": "Aki", "tel": {"home": 1}, "same": 1}, "rest": [1]}
    two = {"organizer_v2": {"id": "2", "name": "Bea", "tel": {"home": 2}, "same": 1}, "rest": [2]}
    assert told(one, two) == {
        "organizer_v2/id": ("1", "2"),
        "organizer_v2/name": ("Aki", "Bea"),
        "organizer_v2/tel": ({"home": 1}, {"home": 2}),
        "rest": ([1], [2]),
    }


def test_parts_that_came_or_went_are_told_one_by_one() -> None:
    whole = {"organizer_v2": {"id": "1", "name": "Aki", "name@odata.type": "x"}}
    assert told({}, whole) == {
        "organizer_v2/id": (None, "1"),
        "organizer_v2/name": (None, "Aki"),
    }
    assert told(whole, {"organizer_v2": None}) == {
        "organizer_v2/id": ("1", None),
        "organizer_v2/name": ("Aki", None),
    }


def test_what_is_no_object_is_told_as_a_whole() -> None:
    assert told({"organizer_v2": "a"}, {"organizer_v2": ["b"]}) == {"organizer_v2": ("a", ["b"])}
