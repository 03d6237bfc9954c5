"""What a worker remembers of who may do what, and how it learns that something of it has changed.

The database counts the changes of all that decides it (`access_version`): one number, the *version*, that
goes along with whatever is asked. What was looked up at a version is right for as long as that is the
version; so a request that goes by what is remembered is answered only after a statement that it needs
anyway has shown the same one (`Trust`). Rights that end by themselves are remembered no longer than
they last.
"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol, cast

from sqlalchemy import Engine

from shared.core import clock
from shared.store.session.sessions import ask_as_operator

# How much a worker remembers, some kilobytes each, and for how long at most.
_MOST = 1_000
LONGEST = timedelta(minutes=1)

_TRUST: ContextVar["Trust | None"] = ContextVar("trust", default=None)


class Versioned(Protocol):
    """Something that was looked up: at which version, and until when it is right at that version."""

    @property
    def version(self) -> int: ...
    @property
    def until(self) -> datetime: ...


class AccessChanged(Exception):
    """What a request took on trust is of another version than now."""


class KnownAccess:
    """What one worker remembers, for all its threads; all of it is of one version."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._version = -1
        self._kept: dict[Hashable, Versioned] = {}

    def kept(self, name: Hashable) -> Versioned | None:
        """Return what is remembered by `name` and has not ended yet."""
        found = self._kept.get(name)
        return found if found is not None and found.until > clock.now() else None

    def keep(self, name: Hashable, found: Versioned) -> None:
        """Remember `found`, unless it has ended or is of an older version than is known of."""
        with self._lock:
            self._learn(found.version)
            if found.version < self._version or found.until <= clock.now():
                return
            self._kept.pop(name, None)
            if len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[name] = found

    def learn(self, version: int) -> None:
        """Forget what is of an older version."""
        with self._lock:
            self._learn(version)

    def __len__(self) -> int:
        """Tell how much is remembered."""
        return len(self._kept)

    def _learn(self, version: int) -> None:
        if version > self._version:
            self._version = version
            self._kept.clear()


class Trust:
    """What one request takes on trust: rights remembered at `version`; None, nothing (yet).

    Who `takes` nothing looks everything up.
    """

    def __init__(self, known: KnownAccess, *, takes: bool = True) -> None:
        self.known, self.takes = known, takes
        self.version: int | None = None

    def recall[V: Versioned](self, name: Hashable, look: Callable[[], V | None]) -> V | None:
        """Return what is remembered by `name`, else what `look` finds, which is remembered."""
        if self.takes and (kept := self.known.kept(name)) is not None:
            self.version = kept.version if self.version is None else min(self.version, kept.version)
            return cast("V", kept)
        if (found := look()) is not None:
            self.known.keep(name, found)
        return found

    def confirm(self, version: int) -> None:
        """Learn which version it is now; AccessChanged if it is another than what was relied on."""
        relied, self.version = self.version, None
        self.known.learn(version)
        if relied not in (None, version):
            raise AccessChanged

    def proven[T](self, answer: Callable[[], T], look_again: Callable[[], None]) -> T:
        """Return what `answer` does; if it went by what has changed, look again, and do it again.

        What is asked meanwhile confirms the version if it learns of it (`seen`).
        """
        if self.version is None:
            return answer()
        token = _TRUST.set(self)
        try:
            return answer()
        except AccessChanged:
            look_again()
            return answer()
        finally:
            _TRUST.reset(token)

    def settle(self, engine: Engine) -> None:
        """Ask which version it is now, unless something that was needed anyway has told already."""
        if self.version is not None:
            [found] = ask_as_operator(engine, "SELECT kanri.access_version() AS version", {})
            self.confirm(found.version)


def seen(version: int) -> None:
    """Confirm what the request takes on trust; AccessChanged if the version is another."""
    if (trust := _TRUST.get()) is not None:
        trust.confirm(version)
