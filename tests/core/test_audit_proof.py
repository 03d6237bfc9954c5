"""What is done to a chain is found and named; a chain that nothing was done to is proved."""

from copy import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.audit import NOTHING_BEFORE, AuditEvent, ChainedEvent, digest
from shared.core.audit_proof import MOST_FINDINGS, Finding, Head, prove

TENANT = UUID("11111111-1111-1111-1111-111111111111")
START = Head(TENANT)
T0 = datetime(2026, 3, 1, tzinfo=UTC)


def chained(event: AuditEvent, seq: int, previous: bytes) -> ChainedEvent:
    given = {name: getattr(event, name) for name in AuditEvent.__struct_fields__}
    return ChainedEvent(**given, seq=seq, previous=previous, hash=digest(event, seq, previous))


def event(number: int) -> AuditEvent:
    return AuditEvent(
        tenant_id=TENANT,
        at=T0 + timedelta(seconds=number),
        act="note.write",
        result="done",
        caller=f"key:{number}",
        authority="key operator",
    )


def chain(length: int, start: Head = START) -> list[ChainedEvent]:
    made: list[ChainedEvent] = []
    previous = start.hash
    for number in range(start.seq + 1, start.seq + 1 + length):
        made.append(chained(event(number), number, previous))
        previous = made[-1].hash
    return made


def head(one: ChainedEvent) -> Head:
    return Head(one.tenant_id, one.seq, one.hash)


def faults(events: list[ChainedEvent], *heads: Head) -> list[tuple[str, int, int]]:
    found = prove(events, START, heads).findings
    return [(finding.fault, finding.first, finding.last) for finding in found]


def renumbered(events: list[ChainedEvent]) -> list[ChainedEvent]:
    return [replace(one, seq=number) for number, one in enumerate(events, 1)]


def test_a_chain_that_nothing_was_done_to_is_proved() -> None:
    events = chain(9)
    proof = prove(events, START, [head(events[3]), head(events[8])])
    assert (proof.events, proof.head, proof.findings) == (9, head(events[8]), ())
    rest = chain(3, head(events[8]))
    assert prove(rest, head(events[8]), []).findings == ()
    assert prove([], START, []).findings == ()


@given(st.integers(2, 30), st.data())
def test_an_altered_event_is_named(length: int, data: st.DataObject) -> None:
    events = chain(length)
    place = data.draw(st.integers(0, length - 1))
    name = data.draw(st.sampled_from(["caller", "act", "result", "target", "before", "after"]))
    events[place] = replace(events[place], **{name: "other"})  # type: ignore[arg-type]
    assert faults(events) == [("altered", place + 1, place + 1)]


@given(st.integers(3, 30), st.data())
def test_removed_events_are_named(length: int, data: st.DataObject) -> None:
    events = chain(length)
    first = data.draw(st.integers(1, length - 1))
    last = data.draw(st.integers(first, length - 1))
    left = [one for one in events if not first <= one.seq <= last]
    assert faults(left) == [("removed", first, last)]


@given(st.integers(3, 20), st.data())
def test_a_removed_event_is_named_although_the_others_moved_up(
    length: int, data: st.DataObject
) -> None:
    events = chain(length)
    place = data.draw(st.integers(0, length - 2))
    left = renumbered([*events[:place], *events[place + 1 :]])
    assert faults(left) == [("removed", place + 1, place + 1)]


@given(st.integers(2, 20), st.data(), st.sampled_from(["own", "none", "before"]))
def test_an_inserted_event_is_named_although_the_others_moved_down(
    length: int, data: st.DataObject, digest_of: str
) -> None:
    """Whatever digest whoever wrote it gave it: the one its place asks for, none, or its neighbour's."""
    events = chain(length)
    place = data.draw(st.integers(0, length - 1))
    previous = events[place - 1].hash if place else NOTHING_BEFORE
    forged = chained(event(1000), place + 1, previous)
    others = {"own": forged.hash, "none": bytes(32), "before": previous}
    forged = replace(forged, hash=others[digest_of])
    found = faults(renumbered([*events[:place], forged, *events[place:]]))
    assert ("inserted", place + 1, place + 1) in found
    assert len(found) == 1


@given(st.integers(2, 30), st.data(), st.booleans())
def test_swapped_events_are_named(length: int, data: st.DataObject, whole: bool) -> None:
    """Whether what they say was exchanged, or the rows with their digests were."""
    events = chain(length)
    first = data.draw(st.integers(0, length - 2))
    other = data.draw(st.integers(first + 1, length - 1))
    one, two = events[first], events[other]
    if whole:
        events[first], events[other] = replace(two, seq=one.seq), replace(one, seq=two.seq)
    else:
        events[first] = replace(one, caller=two.caller, at=two.at)
        events[other] = replace(two, caller=one.caller, at=one.at)
    assert ("swapped", first + 1, other + 1) in faults(events)


def test_a_cut_tail_is_named_by_the_head_outside() -> None:
    events = chain(9)
    assert faults(events[:5]) == []
    assert faults(events[:5], head(events[8])) == [("cut", 6, 9)]
    assert faults([], head(events[8])) == [("cut", 1, 9)]


def test_a_chain_that_was_written_anew_is_named_by_the_head_outside() -> None:
    events = chain(9)
    anew = [replace(one, caller="somebody") for one in events]
    previous = NOTHING_BEFORE
    for place, one in enumerate(anew):
        anew[place] = chained(one, one.seq, previous)
        previous = anew[place].hash
    assert faults(anew) == []
    assert faults(anew, head(events[4])) == [("rewritten", 5, 5)]
    grown = [*events[:5], *chain(9, replace(head(events[4]), hash=bytes(32)))]
    assert faults(grown[:9], head(events[8]))


def test_what_is_wrong_everywhere_is_not_named_without_end() -> None:
    events = [replace(one, caller="x") for one in chain(3 * MOST_FINDINGS)]
    found = prove(events, START, [])
    assert len(found.findings) == MOST_FINDINGS
    assert found.findings[0] == Finding("altered", 1, 1)


@pytest.mark.parametrize("field", ["previous", "hash"])
def test_a_changed_digest_is_named(field: str) -> None:
    events = chain(5)
    events[2] = replace(events[2], **{field: bytes(32)})  # type: ignore[arg-type]
    assert ("altered", 3, 3) in faults(events)
