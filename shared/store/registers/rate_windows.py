"""What was let through of each quota in its window: one row that all workers share.

Workers lease requests of it (`core.lease`) or count failures one by one; a row is locked for one
statement. The windows are the database's, by its clock moved with ours (`core.clock`). Rows name keys
and addresses, live for a window and are deleted by the nightly upkeep.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import BigInteger, Column, Engine, Integer, Table, Text, delete, func, select

from shared.core import clock
from shared.core.clock import ahead
from shared.core.lease import Ask, Grant
from shared.store.schema.metadata import INSTANT, METADATA, when_made
from shared.store.session.sessions import ask_briefly_as_operator, operator_session

RATE_WINDOWS = Table(
    "rate_windows",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("rate_limit", Text, primary_key=True),
    # When the window began, in seconds of the epoch.
    Column("began", BigInteger, nullable=False),
    Column("taken", Integer, nullable=False),
    # What is leased and not known to be used, beyond the request that asked for the lease.
    Column("held", Integer, nullable=False),
    Column("granted", Integer, nullable=False),
    Column("blocked_until", INSTANT, nullable=False),
)
# Rewritten in place.
when_made(RATE_WINDOWS, "SET (fillfactor = 50)")

# Longer than any window, so that what is deleted counts no more.
_FORGOTTEN_AFTER = 86_400

_NOW = "(statement_timestamp() + make_interval(secs => CAST(%(ahead)s AS float8)))"
_BEGAN = f"(floor(extract(epoch FROM {_NOW}) / %(seconds)s::int) * %(seconds)s::int)::bigint"
_ENDS_IN = f"(w.began + %(seconds)s::int - extract(epoch FROM {_NOW}))::float8"
_NEVER = "to_timestamp(0)"

# The row as it stands in this window. A statement that waited for another one at the turn of a window
# finds a row that is further than itself: it goes by the row.
_SAME = "w.began >= excluded.began"
_TAKEN = f"(CASE WHEN {_SAME} THEN w.taken ELSE 0 END)"
_HELD = f"""(CASE WHEN NOT ({_SAME}) THEN 0
    WHEN w.began = %(window)s::bigint THEN greatest(0, w.held - %(settled)s::int) ELSE w.held END)"""
_LEFT = f"(%(quota)s::int - {_TAKEN})"

# One request for who asks; beyond it no more than keeps a 25th of the quota from being held by
# workers that may not need it, and less and less where little is left.
_GRANT = """greatest(0, least({left}, 1 + greatest(0, least(
    %(wanted)s::int - 1, %(quota)s::int / 25 - {held}, {left} / 4))))"""
_FIRST_GRANT = _GRANT.format(left="%(quota)s::int", held="0")
_NEXT_GRANT = _GRANT.format(left=_LEFT, held=_HELD)

_LEASE = f"""
    INSERT INTO kanri.rate_windows AS w
        (subject, rate_limit, began, taken, held, granted, blocked_until)
    VALUES (%(subject)s, %(name)s, {_BEGAN}, {_FIRST_GRANT}, {_FIRST_GRANT} - 1, {_FIRST_GRANT}, {_NEVER})
    ON CONFLICT (subject, rate_limit) DO UPDATE SET
        began = greatest(w.began, excluded.began),
        taken = {_TAKEN} + {_NEXT_GRANT},
        held = {_HELD} + greatest(0, {_NEXT_GRANT} - 1),
        granted = {_NEXT_GRANT}
    RETURNING began, granted, %(quota)s::int - taken AS rest, {_ENDS_IN} AS ends_in, coalesce((
        SELECT max(extract(epoch FROM b.blocked_until - {_NOW})) FROM kanri.rate_windows b
        WHERE b.subject = w.subject AND b.blocked_until > {_NOW}), 0)::float8 AS blocked
"""  # noqa: S608

_BLOCKED_FROM_NOW = f"{_NOW} + make_interval(secs => CAST(%(blocks)s AS float8))"
_COUNT = f"""
    INSERT INTO kanri.rate_windows AS w
        (subject, rate_limit, began, taken, held, granted, blocked_until)
    VALUES (%(subject)s, %(name)s, {_BEGAN}, 1, 0, 0,
        CASE WHEN %(quota)s::int <= 1 THEN {_BLOCKED_FROM_NOW} ELSE {_NEVER} END)
    ON CONFLICT (subject, rate_limit) DO UPDATE SET
        began = greatest(w.began, excluded.began),
        taken = {_TAKEN} + 1,
        blocked_until = CASE WHEN {_TAKEN} + 1 >= %(quota)s::int AND w.blocked_until <= {_NOW}
            THEN {_BLOCKED_FROM_NOW} ELSE w.blocked_until END
    RETURNING greatest(0, extract(epoch FROM blocked_until - {_NOW}))::float8 AS seconds,
        blocked_until = {_BLOCKED_FROM_NOW} AS begins
"""  # noqa: S608


class LeaseAsked(Struct, frozen=True):
    """What is asked of the quota `quota` that `subject` has of the limit `name` in `seconds`."""

    subject: str
    name: str
    quota: int
    seconds: int
    ask: Ask


class LeaseGiven(Struct, frozen=True):
    """What is given, and for how many seconds more the subject is blocked, 0 if it is not."""

    grant: Grant
    blocked: float


class Failing(Struct, frozen=True):
    """Who failed, by the limit `name`: after `quota` times in `seconds` he is blocked for `blocks`."""

    subject: str
    name: str
    quota: int
    seconds: int
    blocks: int


class Block(Struct, frozen=True):
    """For how many seconds more somebody is blocked, 0 if he is not, and whether that begins now."""

    seconds: float
    begins: bool


class Blocked(Struct, frozen=True):
    """How many of a sort (`address`, `key`) are blocked by a limit, and until when the first of them is."""

    counted: str
    rate_limit: str
    count: int
    first_until: datetime


class RateWindows:
    """The windows of every quota."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lease(self, asked: Sequence[LeaseAsked]) -> list[LeaseGiven]:
        """Lease requests of several quotas in one round trip; the answers are in the same order.

        Whoever leases of the same rows does it in the same order, so nobody waits for another in a
        circle. StoreUnavailable if the database does not answer.
        """
        order = sorted(
            range(len(asked)), key=lambda place: (asked[place].subject, asked[place].name)
        )
        moved = ahead().total_seconds()
        values = [
            {**asdict(one), **asdict(one.ask), "ahead": moved}
            for one in (asked[place] for place in order)
        ]
        # A count that is lost in a crash lets a few more through; a wait for the disk costs everyone.
        rows = ask_briefly_as_operator(self._engine, _LEASE, values)
        given = {
            place: LeaseGiven(
                Grant(row.began, row.granted, max(0, row.rest), row.ends_in), row.blocked
            )
            for place, row in zip(order, rows, strict=True)
        }
        return [given[place] for place in range(len(asked))]

    def count(self, failing: Sequence[Failing]) -> list[Block]:
        """Count one failure of each, in one round trip; whoever has failed too often is blocked.

        The answers are in the same order. StoreUnavailable if the database does not answer.
        """
        values = [{**asdict(one), "ahead": ahead().total_seconds()} for one in failing]
        rows = ask_briefly_as_operator(self._engine, _COUNT, values)
        return [Block(row.seconds, row.begins) for row in rows]

    def blocked(self) -> list[Blocked]:
        """Return who is blocked now, by sort and limit. Nobody is named."""
        window = RATE_WINDOWS.c
        counted = func.split_part(window.subject, ":", 1).label("counted")
        query = (
            select(counted, window.rate_limit, func.count(), func.min(window.blocked_until))
            .where(window.blocked_until > clock.now())
            .group_by(counted, window.rate_limit)
            .order_by(counted, window.rate_limit)
        )
        with operator_session(self._engine) as connection:
            return [Blocked(*row) for row in connection.execute(query)]

    def forget(self) -> int:
        """Delete what counts no more: windows that ended a day ago. Return how many."""
        moment = clock.now()
        over = RATE_WINDOWS.c.began < int(moment.timestamp()) - _FORGOTTEN_AFTER
        unblocked = RATE_WINDOWS.c.blocked_until < moment
        with operator_session(self._engine) as connection:
            return connection.execute(delete(RATE_WINDOWS).where(over, unblocked)).rowcount
