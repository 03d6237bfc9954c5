"""Queue messages that were given up on, with their cause."""

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.parameters import TOP, whole_number
from shared.web.route import Call, Route


def list_dead_letters(call: Call) -> Response:
    """Return the newest dead letters."""
    from shared.web.answers.answer import shaped
    from shared.web.answers.dead_letters import DeadLetterAnswer, DeadLetterList

    top = whole_number(call.request, "top", 100, 1, 1000)
    letters = call.services.dead_letters()
    rows = shaped(letters.all(top), list[DeadLetterAnswer])
    return json_response(DeadLetterList(count=letters.count(), dead_letters=rows))


LIST = Route(
    method="GET",
    path="v1/dead-letters",
    permission="health:read",
    summary=Text("List dead letters", "配信不能メッセージの一覧"),
    handle=list_dead_letters,
    every_tenant=True,
    parameters=(TOP,),
    answer="dead_letters.DeadLetterList",
)
