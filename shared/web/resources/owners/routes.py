"""Owners: how a deployment that has none gets its first one."""

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import owners
from shared.web.resources.memberships.shapes import MembershipAnswer, membership_answer
from shared.web.resources.owners.shapes import OwnerClaim
from shared.web.route import Call, Route


def claim(call: Call[OwnerClaim]) -> Response:
    """Become the first owner, by the secret in the settings. Where there is an owner, it is none."""
    from shared.usecases.claim_ownership import claim_ownership

    made = claim_ownership(call.doors.engine, call.doors.settings(), call.caller, call.body.secret)
    return json_response(membership_answer(made), 201)


CLAIM = Route(
    owners.CLAIM,
    permission="signed_in",
    summary=Text("Become the first owner", "最初の所有者になる"),
    handle=claim,
    changes="owner.claim",
    body=OwnerClaim,
    answer=MembershipAnswer,
    status=201,
    refuses={
        403: ("owner_foreign", "owner_secret_unset", "owner_secret_wrong"),
        409: ("owner_exists",),
    },
)
