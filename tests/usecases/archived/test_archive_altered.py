"""Archived audit events: what was altered does not leave, what was done to the files is found."""

from collections.abc import Callable
from copy import replace
from uuid import uuid4

import pytest

from shared.core import clock
from shared.core.audit import ChainedEvent, digest
from shared.core.errors import Conflict
from shared.usecases.anchor_audit import anchor_audit
from shared.usecases.archive_audit import archive_audit, archive_month
from shared.usecases.doors import WorkDoors
from shared.vault.archive import Archive
from tests.fixtures.audited import chain_of
from tests.usecases.archived.archiving import (
    TENANT,
    faults,
    files,
    put_as_if_killed,
    verified,
)

pytestmark = pytest.mark.stack


def test_altered_events_do_not_leave(
    doors: WorkDoors, chain: list[ChainedEvent], owner: Callable[[str], None]
) -> None:
    owner("UPDATE kanri.audit_events SET caller = 'key:2' WHERE seq = 2")
    with pytest.raises(Conflict) as found:
        archive_month(doors, TENANT, clock.now())
    assert found.value.code == "audit_not_proved"
    assert len(chain_of(doors.engine, TENANT)) == 12


def test_a_file_of_other_events_does_not_let_them_go(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    other = [replace(event, caller="key:2") for event in chain[:2]]
    put_as_if_killed(doors, other)
    with pytest.raises(Conflict):
        archive_month(doors, TENANT, clock.now())
    assert chain_of(doors.engine, TENANT) == chain


def test_a_file_of_a_chain_written_anew_does_not_let_them_go(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    """Its digests fit one another: only the rows tell that it is not what was told."""
    anew, previous = [], chain[0].previous
    for event in chain[:2]:
        other = replace(event, caller="key:2", previous=previous)
        previous = digest(other, other.seq, previous)
        anew.append(replace(other, hash=previous))
    put_as_if_killed(doors, anew)
    with pytest.raises(Conflict):
        archive_month(doors, TENANT, clock.now())
    assert chain_of(doors.engine, TENANT) == chain


def test_what_was_done_across_the_border_is_named(
    doors: WorkDoors, chain: list[ChainedEvent], owner: Callable[[str], None]
) -> None:
    archive_audit(doors, clock.now())
    anchor_audit(doors, clock.now())
    assert faults(doors) == []
    owner("DELETE FROM kanri.audit_events WHERE seq = 11")
    assert faults(doors) == [("removed", 11, 11)]
    owner("DELETE FROM kanri.audit_events WHERE seq = 12")
    assert faults(doors) == [("cut", 11, 12)]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE kanri.audit_events SET caller = 'key:2' WHERE seq = 11", ("altered", 11, 11)),
        (
            "UPDATE kanri.audit_events SET previous = hash WHERE seq = 11",
            ("altered", 11, 11),
        ),
    ],
)
def test_an_event_after_the_border_that_was_altered_is_named(
    doors: WorkDoors,
    chain: list[ChainedEvent],
    owner: Callable[[str], None],
    statement: str,
    fault: tuple[str, int, int],
) -> None:
    archive_audit(doors, clock.now())
    owner(statement)
    assert faults(doors) == [fault]


def with_file(doors: WorkDoors, place: int, content: bytes | None) -> WorkDoors:
    """The doors to a storage account whose owner replaced a file by `content`, or took it away."""
    account, own = doors.archive()._blobs, f"own{uuid4().hex}"
    copy = Archive(account, own)
    for number, name in enumerate(files(doors)):
        kept = doors.archive().get(name) or b""
        if number == place and content is None:
            continue
        copy.put(name, content if number == place and content is not None else kept)
    return replace(doors, archive=lambda: copy)


def test_a_file_that_is_gone_cut_or_replaced_is_named(
    doors: WorkDoors, chain: list[ChainedEvent]
) -> None:
    archive_audit(doors, clock.now())
    first, second = files(doors)
    whole, other = doors.archive().get(first) or b"", doors.archive().get(second) or b""
    assert faults(with_file(doors, 0, None)) == [("removed", 1, 2)]
    assert faults(with_file(doors, 1, None)) == [("removed", 3, 10)]
    for content in (whole[:-1], whole + b"\0", other, b""):
        found = verified(with_file(doors, 0, content))
        assert found.unreadable == (first,)
        assert not found.intact
        assert [(one.fault, one.first, one.last) for one in found.findings] == [("removed", 1, 2)]
