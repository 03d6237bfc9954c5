"""Queue messages that were given up on, with their cause."""

from typing import TYPE_CHECKING

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.resources import dead_letters
from shared.web.resources.dead_letters.shapes import DeadLetterAnswer, DeadLetterList
from shared.web.route import Call, Route
from shared.web.shapes import shaped

if TYPE_CHECKING:
    from shared.store.work.dead_letters import DeadLetter


def list_dead_letters(call: Call) -> Response:
    """Return the newest dead letters."""
    from shared.store.work.dead_letters import DeadLetters
    from shared.web.listing import page_of

    letters = DeadLetters(call.doors.engine)
    found, cursor = page_of(call, letters.all, _place_of, int)
    rows = shaped(found, list[DeadLetterAnswer])
    return json_response(DeadLetterList(count=letters.count(), dead_letters=rows, cursor=cursor))


def _place_of(letter: "DeadLetter") -> tuple[object, ...]:
    return (letter.letter_id,)


LIST = Route(
    dead_letters.LIST,
    permission="health:read",
    summary=Text("List dead letters", "配信不能メッセージの一覧"),
    handle=list_dead_letters,
    every_tenant=True,
    parameters=(TOP, CURSOR),
    answer=DeadLetterList,
)
