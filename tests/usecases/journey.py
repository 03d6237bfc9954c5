"""Runs in a copy of the tree that has one kind of work more: asked for, done in two parts, recorded."""

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Never
from uuid import UUID, uuid4

import shared
from shared.core.clock import now
from shared.core.messages import Claim
from shared.core.registry import of
from shared.core.settings import Settings
from shared.core.work import WORKS
from shared.store.audit.chains import AuditChains
from shared.store.registers.tenants import Tenants
from shared.store.session.engine import open_engine
from shared.store.work.dead_letters import DeadLetters
from shared.usecases.dispatch import dispatch
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import bury, receive


def no_graph(_: UUID) -> Never:
    raise AssertionError("this work asks Graph nothing")


def main(url: str) -> None:
    """Print what became of three pieces of the work: one done, one lost on its way, one poisoned."""
    engine = open_engine(Settings(database_url=url))
    doors = WorkDoors(engine=engine, graph=no_graph, slice_seconds=60)
    tenant_id = Tenants(engine).add(uuid4(), "Contoso").tenant_id
    wanted = ("attic", "cellar", "garage")
    claims = doors.runs.request(tenant_id, wanted, now(), kind="tidy", trigger="notification")
    parts = []
    todo: list[Claim] = claims[:1]
    while todo:
        claim = todo.pop()
        parts.append(claim.part)
        sent = asyncio.run(receive(_body(claim), "m", doors, "collect"))
        todo += [one.message for one in sent if one.queue == "collect"]
    asyncio.run(bury(_body(claims[2]), "p", doors, "collect"))
    later = dispatch(doors.runs, now() + timedelta(minutes=15))
    again = [one.message for one in later if one.message.kind == "tidy"]
    ledger = doors.runs.ledger(tenant_id, kind="tidy")
    with AuditChains(engine).events(tenant_id) as chain:
        told = [(event.act, event.target, event.result) for event in chain]
    found = {
        "kinds": list(of(WORKS)),
        "parts": parts,
        "ended": sorted((row.dataset, row.state, row.parts, row.cause) for row in ledger),
        "lost": [(claim.subject, claim.run_id == claims[1].run_id) for claim in again],
        "letters": [letter.cause for letter in DeadLetters(doors.engine).all()],
        "told": told,
        "here": Path(shared.__file__ or "").parent.parent.samefile(Path.cwd()),
    }
    print(json.dumps(found))  # noqa: T201


def _body(claim: Claim) -> bytes:
    return claim.model_dump_json().encode()


if __name__ == "__main__":
    main(os.environ["APP_URL"])
