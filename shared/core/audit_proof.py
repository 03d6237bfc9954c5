"""Proves a chain of audit events, or names what was done to it.

Each event is looked at by itself (does its digest follow from what it says?), by its neighbours (does
it follow the one before?) and by the heads that were kept outside the database (is it still the one
that stood there?). Whoever owns the database can write a whole chain anew with digests that fit: only
the heads outside tell that, up to the last one that was kept.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.core.audit import NOTHING_BEFORE, ChainedEvent, digest

type Fault = Literal["altered", "removed", "inserted", "swapped", "cut", "rewritten"]

# So many altered events are looked at in pairs, to tell which were swapped.
_PAIRED = 200
# A chain that was written anew has a fault in each event: so many are named.
MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a chain at some time: its number and digest. 0 and zeros before the first."""

    tenant_id: UUID
    seq: int = 0
    hash: bytes = NOTHING_BEFORE


@dataclass(frozen=True, slots=True)
class Finding:
    """What was done to the events `first` to `last` of a chain.

    `altered`: what it says is not what was told. `removed`: they are gone. `inserted`: it was not told
    where it stands. `swapped`: `first` and `last` stand in each other's place. `cut`: the chain ended
    at `last` once, and ends before `first` now. `rewritten`: the head outside differs from the event.
    """

    fault: Fault
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of a chain: how many events were looked at, its head, and the faults, if any."""

    events: int
    head: Head
    findings: tuple[Finding, ...]


def prove(chain: Iterable[ChainedEvent], start: Head, heads: Sequence[Head]) -> Proof:
    """Look at `chain`, the events after `start` by number, with the `heads` kept outside."""
    examiner = _Examiner(start, heads)
    for event in chain:
        examiner.look_at(event)
    return examiner.proof()


class _Examiner:
    """Goes along a chain. `_shift` is by how much numbers differ from those that digests were made with.

    `_doubtful` is an event whose number is one lower than it was: one before it was removed and all
    moved up, or it was swapped with the next. That one shows which.
    """

    def __init__(self, start: Head, heads: Sequence[Head]) -> None:
        self._last = start
        self._heads: Mapping[int, Head] = {head.seq: head for head in heads}
        self._events, self._shift, self._faulty = 0, 0, -1
        self._doubtful: ChainedEvent | None = None
        self._altered: list[ChainedEvent] = []
        self._findings: list[Finding] = []

    def look_at(self, event: ChainedEvent) -> None:
        self._events += 1
        expected = self._last.seq + 1
        if event.seq > expected:
            self._found("removed", expected, event.seq - 1)
        follows = event.seq > expected or event.previous == self._last.hash
        if not self._settles(event):
            self._judge(event, follows=follows)
        head = self._heads.get(event.seq)
        if head is not None and head.hash != event.hash:
            self._found("rewritten", event.seq, event.seq)
        self._last = Head(event.tenant_id, event.seq, event.hash)

    def proof(self) -> Proof:
        """Name what the whole chain shows, and return all that was found, in order."""
        if self._doubtful is not None:
            self._found("removed", self._doubtful.seq, self._doubtful.seq)
        furthest = max(self._heads, default=0)
        if furthest > self._last.seq:
            self._found("cut", self._last.seq + 1, furthest)
        named = [*self._findings, *self._pairs_and_others()]
        named.sort(key=lambda finding: (finding.first, finding.last))
        return Proof(self._events, self._last, tuple(named[:MOST_FINDINGS]))

    def _settles(self, event: ChainedEvent) -> bool:
        """Tell whether `event` was swapped with the doubtful one; either way there is no doubt any more."""
        doubtful, self._doubtful = self._doubtful, None
        if doubtful is None:
            return False
        if _are_swapped(doubtful, event):
            self._found("swapped", doubtful.seq, event.seq)
            self._faulty = event.seq
            return True
        if _was_number(event, event.seq - self._shift + 1):
            self._found("removed", doubtful.seq, doubtful.seq)
            self._shift -= 1
        else:
            self._altered.append(doubtful)
        return False

    def _judge(self, event: ChainedEvent, *, follows: bool) -> None:
        number = event.seq - self._shift
        if _was_number(event, number):
            if not follows and self._faulty != self._last.seq:
                self._found("inserted", event.seq, event.seq)
        elif (not follows or self._faulty == self._last.seq) and _was_number(event, number - 1):
            # Whoever inserted it may have given it the digest of the one before: this one seems to follow.
            self._take_back_last()
            self._found("inserted", event.seq - 1, event.seq - 1)
            self._shift += 1
        elif not follows and _was_number(event, number + 1):
            self._doubtful, self._faulty = event, event.seq
        else:
            self._faulty = event.seq
            if len(self._altered) < _PAIRED:
                self._altered.append(event)

    def _take_back_last(self) -> None:
        """What was inserted is not named as altered too."""
        if self._altered and self._altered[-1].seq == self._last.seq:
            self._altered.pop()

    def _pairs_and_others(self) -> Iterator[Finding]:
        left = list(self._altered)
        while left:
            event = left.pop(0)
            other = next((one for one in left if _are_swapped(event, one)), None)
            if other is None:
                yield Finding("altered", event.seq, event.seq)
            else:
                left.remove(other)
                yield Finding("swapped", event.seq, other.seq)

    def _found(self, fault: Fault, first: int, last: int) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(Finding(fault, first, last))


def _are_swapped(one: ChainedEvent, other: ChainedEvent) -> bool:
    """Tell whether each says what the other's digest was made of, digests exchanged with it or not."""
    with_digests = _was(one, other.seq, one) and _was(other, one.seq, other)
    return with_digests or (_was(one, other.seq, other) and _was(other, one.seq, one))


def _was_number(event: ChainedEvent, seq: int) -> bool:
    return digest(event, seq, event.previous) == event.hash


def _was(event: ChainedEvent, seq: int, place: ChainedEvent) -> bool:
    return digest(event, seq, place.previous) == place.hash
