"""Answers a report for many tenants, one after the other: each in its own session, as its caller may see it.

What goes wrong with one is told of it, and the others are read: one whose question takes too long has three
seconds, all together have a time, and who was not reached in it is named.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import replace
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct, field

from shared.core.errors import Forbidden, KanriError, StoreUnavailable
from shared.core.logs import log_failure
from shared.core.query import CsvStyle
from shared.store.answers.every_tenant import whose
from shared.usecases.read_report import OpenedReport, open_report

if TYPE_CHECKING:
    from datetime import datetime

    from shared.core.format import About
    from shared.core.query import FirstPage
    from shared.core.question import Position, Question
    from shared.store.answers.reports import Reports

# The most tenants of one answer; the seconds that one may take of a page, and all of them together.
MOST_TENANTS = 500
TENANT_SECONDS, PAGE_SECONDS = 3, 20
FILE_TENANT_SECONDS, FILE_SECONDS = 60, 120

_IN_MEMORY = 4 * 1024 * 1024
# What is wrong with the database is wrong for all.
_OF_ALL = ("store_busy", "store_unavailable")


class AskedTenant(Struct, frozen=True):
    """A tenant to be asked; `mask_key` is set where the caller may not see personal data (core.masking).

    `refused` is why it is not asked after all.
    """

    tenant_id: UUID
    name: str
    mask_key: str | None
    refused: KanriError | None = None


class TenantTold(Struct, kw_only=True):
    """What came of one tenant: `about` its answer, or the `code` and the `error` that kept it from answering.

    `rows` are those of this answer; None where it was not their turn yet.
    """

    tenant: AskedTenant
    about: "About | None" = None
    code: str | None = None
    error: KanriError | None = None
    rows: int | None = None


class Turn(Struct, frozen=True):
    """Where a page ends: whose turn it is, and the place in his rows, None at their beginning."""

    tenant_id: UUID
    first_page: "FirstPage | None" = None
    after: tuple[object, ...] | None = None


class EveryPage(Struct, kw_only=True):
    """Rows of several tenants, what is told of each of them, and whose turn it is next; None at the end."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    told: list[TenantTold] = field(default_factory=list)
    onward: Turn | None = None


class EveryTenant:
    """A question put to tenants in turn. `questions` has it for who may see personal data (False), and
    for who may not: Forbidden instead, where it goes by what is withheld from him."""

    def __init__(
        self,
        reports: "Reports",
        questions: Mapping[bool, "Question | Forbidden"],
        now: "datetime",
        seconds: float,
        began: "datetime | None" = None,
    ) -> None:
        """`began` is when a walk through pages did: its tenants are told of as they stood then."""
        self._reports, self._questions, self._now, self._began = reports, questions, now, began
        self._ends = time.monotonic() + seconds

    @property
    def _late(self) -> bool:
        return time.monotonic() > self._ends

    def page(
        self, tenants: Sequence[AskedTenant], top: int, position: "Position | None"
    ) -> EveryPage:
        """Return the rows that fit on a page, from the first tenant on, whose place is `position`.

        StoreUnavailable if the database is away.
        """
        page = EveryPage()
        for number, tenant in enumerate(tenants):
            left = top - len(page.rows) if page.onward is None else 0
            if self._late:
                page.told.append(TenantTold(tenant=tenant, code="tenant_not_reached"))
                page.onward = page.onward or Turn(tenant.tenant_id)
                continue
            told = TenantTold(tenant=tenant)
            page.told.append(told)
            at = position if number == 0 else None
            with self._opened(told, at, max(1, left)) as opened:
                if opened is None or page.onward is not None:
                    continue
                if left == 0:
                    page.onward = Turn(tenant.tenant_id)
                    continue
                found = opened.page()
                told.rows = len(found.rows)
                page.rows += found.rows
                if found.next is not None:
                    page.onward = Turn(tenant.tenant_id, opened.first_page, found.next)
        return page

    def csv_lines(
        self, tenants: Sequence[AskedTenant], style: CsvStyle, told_of: list[TenantTold]
    ) -> Iterator[list[bytes]]:
        """Yield the lines of all rows; of a tenant whose rows cannot all be read, none.

        What came of each tenant is added to `told_of`.
        """
        for tenant in tenants:
            told = TenantTold(tenant=tenant)
            told_of.append(told)
            if self._late:
                told.code = "tenant_not_reached"
                continue
            with SpooledTemporaryFile(max_size=_IN_MEMORY) as aside:
                with self._opened(told, None, 1) as opened:
                    if opened is None:
                        continue
                    rows = opened.rows()
                    sizes = []
                    for batch in rows.csv_lines(style):
                        sizes.append([len(line) for line in batch])
                        aside.write(b"".join(batch))
                    told.rows = rows.count
                if told.code is not None:
                    continue
                aside.seek(0)
                for batch_sizes in sizes:
                    yield [aside.read(size) for size in batch_sizes]

    @contextmanager
    def _opened(
        self, told: TenantTold, position: "Position | None", top: int
    ) -> Iterator[OpenedReport | None]:
        """Open the answer of a tenant; what goes wrong with it, or in the block, is told of it: None."""
        tenant = told.tenant
        question = tenant.refused or self._questions[tenant.mask_key is not None]
        if isinstance(question, KanriError):
            told.code, told.error = question.code, question
            yield None
            return
        given = whose(tenant.tenant_id, tenant.name)
        question = replace(question, top=top)
        if self._began is not None:
            question = replace(question, as_of=question.as_of or self._began)
        opening = open_report(
            self._reports,
            tenant.tenant_id,
            question,
            self._now,
            position,
            tenant.mask_key,
            given,
        )
        begun = False
        try:
            with opening as opened:
                told.about = opened.about
                begun = True
                yield opened
        except KanriError as error:
            if isinstance(error, StoreUnavailable) and error.code in _OF_ALL:
                raise
            told.code, told.error, told.rows = error.code, error, None
        except Exception as error:  # noqa: BLE001 - one broken tenant does not spoil the rest
            log_failure("tenant_unread", error, tenant=str(tenant.tenant_id))
            told.code, told.rows = "internal", None
        if not begun:
            yield None
