"""Legal holds of a tenant: listing, placing and lifting them."""

from shared.core.registry import collector
from shared.core.text import Text
from shared.store.registers.legal_holds import LegalHolds
from shared.web.http import Response, json_response
from shared.web.resources import legal_holds
from shared.web.resources.approvals.shapes import approval_answer, approval_link
from shared.web.resources.legal_holds.shapes import (
    LegalHoldAnswer,
    LegalHoldList,
    NewLegalHold,
    hold_answer,
)
from shared.web.route import Call, Route, guid_in_path


def list_holds(call: Call) -> Response:
    """Return the holds of the tenant, newest first, those that were lifted too."""
    found = LegalHolds(call.doors.engine, call.tenant_id).all()
    return json_response(LegalHoldList(holds=[hold_answer(hold) for hold in found]))


def place(call: Call[NewLegalHold]) -> Response:
    """Hold datasets: from now on nothing of them is thinned, dropped, erased or purged."""
    for name in call.body.datasets or ():
        collector(name)
    holds = LegalHolds(call.doors.engine, call.tenant_id)
    placed = holds.place(call.body.datasets, call.body.reason, call.caller.name, call.now)
    return json_response(hold_answer(placed), 201)


def lift(call: Call) -> Response:
    """Lift a hold. That may have to wait for a second person; until then it lasts."""
    from shared.usecases.change_retention import lift_hold

    doors, hold_id = call.doors, guid_in_path(call.request, "id")
    hold, waiting = lift_hold(
        doors.engine, doors.settings(), call.tenant_id, hold_id, call.caller, call.now
    )
    if waiting is None:
        return json_response(hold_answer(hold))
    answer = hold_answer(hold, approval_answer(waiting, call.lang, call.now))
    return json_response(answer, 202, Location=approval_link(waiting.approval_id, call))


LIST = Route(
    legal_holds.LIST,
    permission="retention:read",
    summary=Text("List the legal holds", "訴訟ホールドの一覧"),
    handle=list_holds,
    tenant="known",
    answer=LegalHoldList,
)
PLACE = Route(
    legal_holds.PLACE,
    permission="retention:hold",
    summary=Text("Place a legal hold", "訴訟ホールドの設定"),
    handle=place,
    tenant="known",
    changes="hold.place",
    body=NewLegalHold,
    answer=LegalHoldAnswer,
    status=201,
    refuses={404: ("dataset_unknown",)},
)
LIFT = Route(
    legal_holds.LIFT,
    permission="retention:hold",
    summary=Text("Lift a legal hold", "訴訟ホールドの解除"),
    handle=lift,
    tenant="known",
    changes="hold.lift",
    answer=LegalHoldAnswer,
    also=(202,),
    headers=("Location",),
    refuses={404: ("hold_unknown",), 409: ("hold_lifted",)},
)
