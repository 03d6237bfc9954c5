"""What is known of one object of a dataset: what it was when, and what changed."""

import re
from datetime import date, datetime
from itertools import product

from shared.core import registry
from shared.core.asked import MAX_TOP
from shared.core.errors import BadRequest
from shared.core.text import Text
from shared.web.cursor import Scalar
from shared.web.digest import digest_of
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, top, whole_number
from shared.web.resources import objects
from shared.web.resources.objects.shapes import HistoryAnswer
from shared.web.route import Call, Route

_SLASH, _MOST_PARTS = re.compile("%2F", re.IGNORECASE), 4


def history(call: Call) -> Response:
    """Return what an object was when, the newest version first, and property by property what changed.

    Its id is the one that the dataset keeps: where it is made of several values, they stand with `/`
    between them (written %2F). Without the permission report:personal names and addresses are pseudonyms, everything
    else that is personal is withheld, and so is when it changed; an id that names somebody is refused.
    """
    from shared.core.masking import key_of
    from shared.core.object_history import hiding_of
    from shared.store.answers.object_history import Place
    from shared.usecases.read_history import HistoryAsked, read_history
    from shared.web.resources.objects.shapes import history_answer

    tenant_id, named = call.tenant_id, call.request.route
    masked = not call.caller.sees_personal_data(tenant_id)
    digest = digest_of("history", tenant_id, named["dataset"], named["object"], masked)
    cursor = call.request.query.get("cursor")
    after = None if cursor is None else Place(*_place(call.cursors.decode(cursor, digest)))
    asked = HistoryAsked(
        tenant_id=tenant_id,
        dataset=named["dataset"],
        names=_names(named["object"]),
        mask_key=key_of(call.doors.secrets().pseudonym_secret, tenant_id) if masked else None,
        most=whole_number(call.request, "top", 100, 1, MAX_TOP),
        after=after,
    )
    page = read_history(call.doors.engine, asked)
    columns = registry.collector(asked.dataset).columns if masked else ()
    withheld = [column.name for column in columns if hiding_of(column) == "withheld"]
    answer = history_answer(page, tenant_id, call.now, call.lang, withheld)
    if page.onward is not None:
        answer.cursor = call.cursors.encode(digest, (page.onward.day, page.onward.since))
    shown = {"Kanri-Personal-Data": "masked" if masked else "shown"}
    response = json_response(answer)
    response.headers |= shown
    return response


def _names(written: str) -> tuple[str, ...]:
    """The ids that may be meant: the host leaves %2F in a path as it is, whichever sign it stands for."""
    parts = _SLASH.split(written)
    if len(parts) > _MOST_PARTS:
        return ("/".join(parts),)
    signs = product(("/", "%2F"), repeat=len(parts) - 1)
    return tuple("".join(map("".join, zip(parts, (*each, ""), strict=True))) for each in signs)


def _place(parts: list[Scalar]) -> tuple[date | None, datetime]:
    try:
        day, since = parts
        at = datetime.fromisoformat(str(since))
        return (None if day is None else date.fromisoformat(str(day))), at
    except ValueError:
        raise BadRequest("cursor_malformed", parameter="cursor") from None


HISTORY = Route(
    objects.HISTORY,
    permission="report:read",
    summary=Text("What was an object when?", "オブジェクトの変更履歴の取得"),
    handle=history,
    tenant="connected",
    reads="object.read",
    parameters=(top(Text("Versions", "版")), CURSOR),
    answer=HistoryAnswer,
    headers=("Kanri-Personal-Data",),
    refuses={
        403: ("object_withheld",),
        404: ("dataset_unknown", "object_unknown", "object_unread"),
        503: ("question_slow",),
    },
)
