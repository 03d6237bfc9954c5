"""What a check of the database declares, and what it finds.

A check is one file `shared/store/optimization/checks/<check>.py` with one `CHECK`. It looks and changes
nothing; what is done about what it finds, and within which limits, is the same for all
(`usecases.optimize_database`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.core.kind import Kind
from shared.core.text import Lang, Text

type Severity = Literal["notice", "warning", "critical"]
type Remedy = Literal["vacuum", "analyze"]
# `share` is a part of one.
type Unit = Literal["bytes", "ms", "seconds", "share", "rows", "count", "transactions"]
type Facts = Mapping[str, str | int | float]

SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "critical")

# Why a check could not look, whatever it looks at.
NOT_SEEN: Mapping[str, Text] = {
    "never_looked": Text("No run has looked at this yet.", "まだ一度も確認が行われていません。"),
    "too_slow": Text("Looking took longer than it may.", "確認が制限時間内に終わりませんでした。"),
    "denied": Text(
        "The application's role may not see it.",
        "アプリケーションのロールには参照する権限がありません。",
    ),
    "unsupported": Text(
        "This server does not tell it in a way that Kanri knows.",
        "このサーバーからは Kanri が扱える形で取得できません。",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it should be.

    `object` is what it is about, as SQL names it. `figure` is the number that tells how bad it is, in
    `unit`; `facts` are what else the check's words say of it: names and numbers, never a value of a
    row. `remedy` is what Kanri itself may do about it.
    """

    severity: Severity
    object: str
    figure: float
    unit: Unit
    facts: Facts = field(default_factory=dict)
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What an earlier look measured, by name."""

    at: datetime
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight[D]:
    """What a check has to go by: `D` is the store's connection, `server` the server's major version.

    `since` is when the server's counters began, as far as that is known; None if nobody can tell.
    `earlier` are the looks before this one, newest first, with what this check measured then.
    """

    connection: D
    server: int
    now: datetime
    since: datetime | None = None
    earlier: Sequence[Measured] = ()

    @property
    def watched_days(self) -> float:
        """For how many days counters have been known to count; 0 if nobody can tell."""
        return (
            0.0 if self.since is None else max(0.0, (self.now - self.since).total_seconds() / 86400)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a check saw. `figures` are its headline numbers, `measures` what a later look compares.

    `unknown` is why it could not look: a key of `NOT_SEEN` or of the check's own `unknowns`.
    """

    findings: Sequence[Finding] = ()
    figures: Facts = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check[D]:
    """One check. `check` is filled in by the registry from the file name.

    `why` says why a finding matters and `helps` what helps, with placeholders for the finding's
    `object` and facts. `unknowns` are the check's own reasons for not knowing. `look` may raise what
    the database raises; the runner makes an unknown of it.
    """

    title: Text
    why: Text
    helps: Text
    look: Callable[[Sight[D]], Seen]
    unknowns: Mapping[str, Text] = field(default_factory=dict)
    check: str = field(default="", compare=False)

    def told(self, words: Text, lang: Lang, object_: str, facts: Facts) -> str:
        """Return `words` about a finding; what an earlier version did not note is a dash."""
        return words.of(lang).format_map(_OrDash(facts, object=object_))

    def reason(self, unknown: str, lang: Lang) -> str:
        """Return the words of why it could not look."""
        return ({**NOT_SEEN, **self.unknowns}.get(unknown) or NOT_SEEN["unsupported"]).of(lang)


class _OrDash(dict[str, Any]):
    def __missing__(self, _: str) -> str:
        return "-"


type AnyCheck = Check[Any]

CHECKS: Kind[AnyCheck] = Kind("shared.store.optimization.checks", "CHECK", Check, named="check")
