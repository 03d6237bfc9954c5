"""A report of all the tenants that its reader may see, in one answer."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from shared.core import access, registry
from shared.core.asked import choice
from shared.core.clock import written
from shared.core.errors import BadRequest, Forbidden
from shared.core.format import FORMATS
from shared.core.question import Question, read_question
from shared.core.report import Report
from shared.core.text import Text
from shared.web.compression import accepts_gzip, in_one_piece
from shared.web.credentials import address_of
from shared.web.digest import digest_of
from shared.web.http import Response, json_response
from shared.web.links import link_to
from shared.web.resources import every_tenant
from shared.web.resources.every_tenant.parameters import FORMATS_TAKEN, PARAMETERS
from shared.web.resources.every_tenant.shapes import EveryTenantAnswer, standings
from shared.web.route import Call, Route, as_guid

if TYPE_CHECKING:
    from shared.core.question import Position
    from shared.usecases.read_every_tenant import AskedTenant, TenantTold, Turn

# So many of those that were not read are named in the header of a file.
_NAMED = 50


def read(call: Call) -> Response:
    """Return the rows of a report of every tenant that you may read it of, up to 500.

    Each tenant is asked by itself, in the order of their names, as you may see it: masked where you may not see personal
    data, by its own thresholds. One that cannot be read is named with its cause, and spoils none of the others: a page
    gives one 3 seconds and all of them 20, a file 60 and 120. `orderBy` is the order within a tenant; `filter` and
    `select` know `tenant_id` and `tenant_name`. A file has the rows of those tenants only that were read to the end.
    """
    from shared.store.answers.every_tenant import of_every_tenant

    report = of_every_tenant(registry.report(call.request.route["key"]))
    access.require(call.caller, report.permission)
    asked = {name: text for name, text in call.request.query.items() if name != "tenants"}
    choice(asked, "format", FORMATS_TAKEN, "json")
    questions = _questions(call, report, asked)
    plain = questions[False]
    assert isinstance(plain, Question)  # noqa: S101  (nothing is withheld from who sees all)
    tenants = _tenants(call, report)
    if registry.of(FORMATS)[plain.format].needs_all_rows:
        return _file(call, plain, questions, tenants)
    return _page(call, plain, questions, tenants)


def _questions(
    call: Call, report: Report, asked: dict[str, str]
) -> "dict[bool, Question | Forbidden]":
    """The question of who may see personal data (False), and of who may not."""
    questions: dict[bool, Question | Forbidden] = {
        False: read_question(asked, report, call.lang, call.now)
    }
    try:
        questions[True] = read_question(asked, report, call.lang, call.now, masked=True)
    except Forbidden as error:
        questions[True] = error
    return questions


def _tenants(call: Call, report: Report) -> "list[AskedTenant]":
    """The connected tenants that the caller may read it of, by name; one may not let him in from there."""
    from shared.core.masking import key_of
    from shared.store.registers.reach import reached_tenants
    from shared.usecases.check_tenant import check_connected
    from shared.usecases.read_every_tenant import MOST_TENANTS, AskedTenant

    caller, named = call.caller, call.request.query.get("tenants")
    only: set[UUID] | None = None
    if named is not None:
        only = {as_guid("tenants", one.strip()) for one in named.split(",")}
        for tenant_id in sorted(only):
            access.require_on(caller, report.permission, tenant_id)
    reach = caller.tenants_with("report:read")
    wanted = reach if only is None else only if reach is None else only & reach
    reached = reached_tenants(call.doors.engine, wanted)
    states = {one.tenant_id: one.state for one in reached}
    for tenant_id in sorted(only or ()):
        check_connected(tenant_id, states.get(tenant_id))
    found = [
        one
        for one in reached
        if one.state != "removed" and caller.may(report.permission, one.tenant_id)
    ]
    if len(found) > MOST_TENANTS:
        raise BadRequest(
            "tenants_too_many", parameter="tenants", count=len(found), limit=MOST_TENANTS
        )
    secret = call.doors.secrets().pseudonym_secret
    address = address_of(call.request, call.doors.settings())
    asked = (
        AskedTenant(
            one.tenant_id,
            one.name,
            None if caller.sees_personal_data(one.tenant_id) else key_of(secret, one.tenant_id),
            None if one.lists.admit(address) else Forbidden("address_not_allowed"),
        )
        for one in found
    )
    return sorted(asked, key=_by_name)


def _by_name(tenant: "AskedTenant") -> tuple[str, str]:
    return tenant.name, str(tenant.tenant_id)


def _page(
    call: Call,
    plain: Question,
    questions: "dict[bool, Question | Forbidden]",
    tenants: "list[AskedTenant]",
) -> Response:
    from shared.render.parts.columns import column_answers, columns_of
    from shared.store.answers.reports import Reports
    from shared.usecases.read_every_tenant import PAGE_SECONDS, TENANT_SECONDS, EveryTenant

    digest = digest_of("tenants", [_by_name(one) for one in tenants], plain.report.key)
    place = _place(call, plain, questions, tenants, digest)
    began, tenants = place.began, place.tenants
    reports = Reports(call.doors.engine, page_seconds=TENANT_SECONDS)
    every = EveryTenant(reports, questions, call.now, PAGE_SECONDS, began)
    page = every.page(tenants, plain.top, place.position)
    masked = bool(tenants) and all(one.mask_key is not None for one in tenants)
    answer = EveryTenantAnswer(
        report=plain.report.key,
        title=plain.report.title.of(plain.lang),
        generated_at=call.now,
        as_of=plain.as_of or began or call.now,
        columns=column_answers(columns_of(plain), plain.lang, masked=masked),
        row_count=len(page.rows),
        rows=[dict(zip(plain.columns, row, strict=True)) for row in page.rows],
        tenants=standings(page.told, plain.lang),
    )
    if page.onward is not None:
        cursor = _cursor(call, questions, page.onward, tenants, began or call.now)
        answer.cursor = call.cursors.encode(digest, cursor)
        following = {**call.request.query, "cursor": answer.cursor}
        answer.next_link = link_to(call.request, call.doors.settings().public_url, following)
    return _told(call, json_response(answer), page.told, masked=masked)


class _Place(NamedTuple):
    """Where a page begins: when the walk did (None: with it), whose turn it is, and where in his rows."""

    began: datetime | None
    tenants: "list[AskedTenant]"
    position: "Position | None"


def _place(
    call: Call,
    plain: Question,
    questions: "dict[bool, Question | Forbidden]",
    tenants: "list[AskedTenant]",
    digest: str,
) -> _Place:
    from shared.web.resources.report.position import position_of

    if plain.cursor is None:
        return _Place(None, tenants, None)
    name, own, began, inner = call.cursors.decode(plain.cursor, digest)
    left = [one for one in tenants if _by_name(one) >= (str(name), str(own))]
    position = None
    if inner is not None and left and str(left[0].tenant_id) == own:
        question = _with_cursor(_own(questions, left[0]), str(inner))
        position = position_of(call, question, *_further(left[0]))
    return _Place(datetime.fromisoformat(str(began)).astimezone(UTC), left, position)


def _own(questions: "dict[bool, Question | Forbidden]", tenant: "AskedTenant") -> Question:
    question = questions[tenant.mask_key is not None]
    if isinstance(question, Forbidden):
        raise question
    return question


def _with_cursor(question: Question, cursor: str | None) -> Question:
    from copy import replace

    return replace(question, cursor=cursor)


def _further(tenant: "AskedTenant") -> tuple[object, ...]:
    return ("tenants", tenant.tenant_id)


def _cursor(
    call: Call,
    questions: "dict[bool, Question | Forbidden]",
    turn: "Turn",
    tenants: "list[AskedTenant]",
    began: datetime,
) -> tuple[object, ...]:
    from shared.web.resources.report.position import onward

    [tenant] = [one for one in tenants if one.tenant_id == turn.tenant_id]
    inner = None
    if turn.first_page is not None:
        question = _with_cursor(_own(questions, tenant), None)
        following = onward(call, question, turn.first_page, turn.after, *_further(tenant))
        inner = None if following is None else following.cursor
    return (*_by_name(tenant), began, inner)


def _file(
    call: Call,
    plain: Question,
    questions: "dict[bool, Question | Forbidden]",
    tenants: "list[AskedTenant]",
) -> Response:
    from shared.render.csv import csv_file, csv_style
    from shared.render.parts.columns import columns_of
    from shared.store.answers.reports import Reports
    from shared.usecases.read_every_tenant import (
        FILE_SECONDS,
        FILE_TENANT_SECONDS,
        EveryTenant,
        TenantTold,
    )

    form, told = registry.of(FORMATS)[plain.format], list[TenantTold]()
    reports = Reports(call.doors.engine, export_seconds=FILE_TENANT_SECONDS)
    every = EveryTenant(reports, questions, call.now, FILE_SECONDS)
    style = csv_style(plain)
    chunks = csv_file(style, columns_of(plain), every.csv_lines(tenants, style, told))
    packed = accepts_gzip(call.request.headers.get("accept-encoding", ""))
    body = in_one_piece(chunks, packed=packed)
    name = f"{plain.report.key}_{call.now:%Y%m%d_%H%M%S}.{form.extension}"
    headers = {
        "Content-Type": form.media_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Kanri-Row-Count": str(sum(one.rows or 0 for one in told)),
        **({"Content-Encoding": "gzip"} if packed else {}),
    }
    masked = bool(tenants) and all(one.mask_key is not None for one in tenants)
    return _told(call, Response(200, body, headers), told, masked=masked)


def _told(
    call: Call, response: Response, told: "Sequence[TenantTold]", *, masked: bool
) -> Response:
    """Say beside the rows who was not read, and whose personal data is shown."""
    unread = [f"{one.tenant.tenant_id}={one.code}" for one in told if one.code is not None]
    more = [f"and {len(unread) - _NAMED} more"] if len(unread) > _NAMED else []
    response.headers |= {
        "Cache-Control": "private, no-cache",
        "Kanri-Generated-At": written(call.now),
        "Kanri-Personal-Data": "masked" if masked else "shown",
        "Kanri-Tenants": f"{len(told) - len(unread)} of {len(told)}",
    }
    if unread:
        response.headers["Kanri-Tenants-Unread"] = ", ".join((*unread[:_NAMED], *more))
    response.shows = tuple(
        one.tenant.tenant_id for one in told if one.tenant.mask_key is None and one.rows
    )
    return response


READ = Route(
    every_tenant.READ,
    permission="report:read",
    summary=Text("Read a report of all tenants", "全テナントのレポートの取得"),
    handle=read,
    reads="report.read",
    parameters=PARAMETERS,
    answer=EveryTenantAnswer,
    headers=(
        "Kanri-Generated-At",
        "Kanri-Personal-Data",
        "Kanri-Row-Count",
        "Kanri-Tenants",
        "Kanri-Tenants-Unread",
    ),
    refuses={
        400: ("export_too_large",),
        403: ("column_withheld", "tenant_forbidden"),
        404: ("report_unknown", "tenant_unknown"),
    },
)
