"""Receives messages of any kind of work: does it, or keeps what cannot be done visible."""

import asyncio
import logging
from copy import replace
from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import asdict

from shared.core import clock
from shared.core.coverage import State
from shared.core.errors import BadMessage, StoreUnavailable, Superseded
from shared.core.logs import log, log_context, log_failure
from shared.core.messages import Claim, parse_claim
from shared.core.registry import of
from shared.core.telemetry import Metric
from shared.core.text import text
from shared.core.work import (
    WORKS,
    AnyWork,
    Ended,
    GoesOn,
    Outcome,
    Outgoing,
    PutOff,
    due_next,
    retry_at,
)
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.opening import Refusal
from shared.store.work.run_records import Run
from shared.usecases.dispatch import outgoing
from shared.usecases.doors import WorkDoors
from shared.usecases.keep_run import kept
from shared.usecases.tell_work import tell_beginning, telling_end

QUEUE_AGE = Metric(
    name="kanri.queue.age",
    kind="histogram",
    unit="s",
    description="Age of a queue message when its function starts.",
    dimensions=("queue",),
)
DEAD_LETTERS = Metric(
    name="kanri.dead_letters",
    kind="counter",
    unit="{message}",
    description="Messages set aside after the last try, by the code of the cause.",
    dimensions=("queue", "cause"),
)

_SHOWN = 2000


async def receive(
    body: bytes, message_id: str | None, doors: WorkDoors, queue: str
) -> list[Outgoing]:
    """Do one message's work; return what is to be sent after it.

    A message that no retry can mend (malformed, of an unknown version, kind, tenant or subject)
    becomes a dead letter with its cause and is consumed. StoreUnavailable and bugs are raised: the
    queue delivers the message again.
    """
    try:
        return await work_on(parse_claim(body), doors)
    except BadMessage as error:
        log("message_rejected", message=message_id, cause=error.code, field=error.parameter)
        letter = error.code, error.message(), message_id
        await asyncio.to_thread(DeadLetters(doors.engine).add, queue, _readable(body), *letter)
        DEAD_LETTERS.emit(1, queue=queue, cause=error.code)
        return []


async def work_on(claim: Claim, doors: WorkDoors) -> list[Outgoing]:
    """Do the work of `claim`; return what is to be sent after it, its own continuation first.

    At-least-once delivery, exactly-once effect: a message whose run is finished, alive elsewhere or
    further on, or whose tenant has been removed meanwhile, does nothing. Raises BadMessage for an
    unknown kind, tenant or subject, StoreUnavailable when the message should come back.
    """
    work = _work_of(claim)
    with log_context(**_ids(work, claim), traceparent=claim.traceparent):
        if not work.knows(claim.subject):
            raise BadMessage(f"{work.names}_unknown", parameter=work.names, value=claim.subject)
        run = await asyncio.to_thread(doors.runs.open, claim, clock.now())
        if run == "unknown_tenant":
            raise BadMessage("tenant_unknown", parameter="tenant_id", value=claim.tenant_id)
        if not isinstance(run, Run):
            return await _sent_again(claim, run, doors)
        try:
            async with kept(doors.runs, run):
                await asyncio.to_thread(tell_beginning, doors.engine, work, run)
                outcome = await work.run(run, doors)
            claims = await _settle(work, run, outcome, doors)
        except Superseded:
            log("run_superseded")
            return []
        except StoreUnavailable as error:
            log("run_interrupted", level=logging.WARNING, cause=error.code)
            raise
        except Exception as error:
            log_failure("run_broken", error)
            raise
        return outgoing(claims, claim.traceparent)


async def _sent_again(claim: Claim, refusal: Refusal, doors: WorkDoors) -> list[Outgoing]:
    """Return what the work of a message that needs nothing had to send, if that may have got lost.

    The work is done and the message came back all the same: whoever did it was killed before he could say
    so, and maybe before he sent what follows. Nobody would for as long as a message may be on its way.
    """
    following: list[Claim] = []
    if refusal in ("duplicate", "stale"):
        following = await asyncio.to_thread(
            doors.runs.unopened, claim, clock.now(), of(WORKS).values()
        )
    log("message_needs_nothing", reason=refusal, sent_again=len(following))
    return outgoing(following, claim.traceparent)


async def bury(body: bytes, message_id: str | None, doors: WorkDoors, queue: str) -> None:
    """Keep a message that the host has given up on, and end its run so that the next can start.

    One of a tenant that has been removed meanwhile is not kept: it has nothing to do any more.
    """
    try:
        claim = parse_claim(body)
        work = _work_of(claim)
    except BadMessage as error:
        log("message_poisoned", message=message_id, cause=error.code)
        await _keep(body, message_id, doors, queue)
        return
    with log_context(message=message_id, **_ids(work, claim)):
        log("message_poisoned")
        refusal = await _end(work, claim, doors) if work.knows(claim.subject) else None
        if refusal != "removed":
            await _keep(body, message_id, doors, queue)


def _work_of(claim: Claim) -> AnyWork:
    work = of(WORKS).get(claim.kind)
    if work is None:
        raise BadMessage("message_malformed", parameter="kind", reason="no such work")
    return work


def _ids(work: AnyWork, claim: Claim) -> dict[str, UUID | str]:
    return {"tenant": claim.tenant_id, work.names: claim.subject, "run": claim.run_id}


async def _settle(work: AnyWork, run: Run, outcome: Outcome, doors: WorkDoors) -> list[Claim]:
    """Write how this part ended; return what that transaction has decided to send."""
    now = clock.now()
    # By parts and by hours: links that go round, and a source that grows as fast as it is read, move on
    # for ever.
    endless = run.part + 1 >= doors.most_parts or now - run.started_at >= doors.longest_run
    if isinstance(outcome, GoesOn):
        if not endless:
            following = await asyncio.to_thread(doors.runs.hand_over, run, now, outcome.place)
            log("run_goes_on", part=following.part)
            return [following]
        outcome = _endless(run, now)
    elif isinstance(outcome, PutOff):
        # What still gets further is not given up, however often it has had to wait.
        spent = not outcome.moved and now - run.started_at >= outcome.patience
        if not spent and not endless:
            await asyncio.to_thread(doors.runs.defer, run, outcome.until, outcome.cause)
            log("run_deferred", cause=outcome.cause.code, until=outcome.until)
            return []
        outcome = outcome.instead
    return await _finish(work, run, outcome, doors, now)


def _endless(run: Run, now: datetime) -> Ended:
    """No work is that large. What was done stays, and the next run starts where this one did."""
    hours = round((now - run.started_at) / timedelta(hours=1), 1)
    detail = text("error.run_too_long", parts=run.part + 1, hours=hours)
    state: State = "partial" if run.counts.read else "failed"
    return Ended(state=state, cause="run_too_long", detail=detail, retry=True)


async def _finish(
    work: AnyWork, run: Run, ended: Ended, doors: WorkDoors, now: datetime
) -> list[Claim]:
    cadence = work.cadence(run.subject)
    if ended.next_due is None:
        next_due = retry_at(cadence, now) if ended.retry else due_next(cadence, now)
        ended = replace(ended, next_due=next_due)
    with telling_end(work, run, ended):
        claims = await asyncio.to_thread(
            doors.runs.finish,
            run,
            ended.state,
            now=now,
            cause=ended.cause,
            detail=ended.detail,
            next_due=ended.next_due,
            place=ended.place,
            window=ended.window,
            final_until=ended.final_until,
            go_on=ended.go_on,
            healed=ended.healed,
            then=of(WORKS).values(),
        )
    if work.measure is not None:
        work.measure(run, ended, now)
    # What a partial read tells may name an object.
    failed = ended.retry or ended.state not in ("ok", "partial")
    log(
        "run_finished",
        state=ended.state,
        cause=ended.cause,
        healed=ended.healed,
        counts=asdict(run.counts),
        detail=ended.detail if failed else None,
    )
    return claims


async def _end(work: AnyWork, claim: Claim, doors: WorkDoors) -> Refusal | None:
    """End the run of `claim`; return why there is none to end."""
    # Opened to be ended: that fences off whoever may still be at it, and nobody will go on with it.
    run = await asyncio.to_thread(doors.runs.open, claim, clock.now())
    if not isinstance(run, Run):
        return run
    poisoned = Ended(state="failed", cause="message_poisoned", retry=True)
    await _finish(work, run, poisoned, doors, clock.now())
    return None


async def _keep(body: bytes, message_id: str | None, doors: WorkDoors, queue: str) -> None:
    letter = "message_poisoned", None, message_id
    await asyncio.to_thread(DeadLetters(doors.engine).add, queue, _readable(body), *letter)
    DEAD_LETTERS.emit(1, queue=queue, cause="message_poisoned")


def _readable(body: bytes) -> str:
    """Return the body as text the database can hold, at most 2,000 characters of it."""
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")[:_SHOWN]
