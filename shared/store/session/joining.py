"""Several sessions made one transaction: all of them happen, or none."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from shared.store.session.sessions import BIND, WHOLE, Binding, Whole, driver_of, transaction


@contextmanager
def joined(engine: Engine) -> Iterator[None]:
    """One transaction that the sessions of `engine` in the block are parts of: all happen, or none.

    Each part is bound as if it stood alone, and rolled back alone if it fails. What `closing_with`
    wants written comes once, at the end of the whole. Snapshots and single statements stay apart.
    What is read in the block may yet be rolled back: nothing of it is for a cache.
    """
    with transaction(engine, Binding()) as connection:
        token = WHOLE.set(Whole(engine, connection))
        try:
            yield
        finally:
            WHOLE.reset(token)


@contextmanager
def part_of(whole: Whole, binding: Binding) -> Iterator[Connection]:
    """A session within `whole`, rolled back alone if it fails.

    Two round trips. Whoever it is a part of is bound as before at its end, which a rollback sees to itself.
    """
    session, before = driver_of(whole.connection), whole.bound
    with session.pipeline():
        session.execute("SAVEPOINT part")
        session.execute(BIND, binding)
    whole.bound = binding
    try:
        yield whole.connection
    except BaseException:
        with session.pipeline():
            session.execute("ROLLBACK TO SAVEPOINT part")
            session.execute("RELEASE SAVEPOINT part")
        raise
    else:
        with session.pipeline():
            session.execute("RELEASE SAVEPOINT part")
            session.execute(BIND, before)
    finally:
        whole.bound = before
