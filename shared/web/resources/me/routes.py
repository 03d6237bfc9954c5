"""Who asks: from which authority he comes, and what he may where."""

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import me
from shared.web.resources.me.shapes import HoldAnswer, MeAnswer
from shared.web.route import Call, Route


def read_me(call: Call) -> Response:
    """Return who the caller is and what he may where; also to who may nothing."""
    caller, subject = call.caller, call.caller.subject
    # Whoever is signed in is somebody, and no group signs in.
    assert caller.kind != "anonymous"  # noqa: S101
    assert subject is not None  # noqa: S101
    assert subject.kind != "group"  # noqa: S101
    return json_response(
        MeAnswer(
            kind=caller.kind,
            name=caller.name,
            subject_kind=subject.kind,
            subject_id=subject.id,
            directory=subject.directory,
            until=caller.until,
            holds=[
                HoldAnswer(
                    via=hold.via,
                    role=hold.role,
                    permissions=sorted(hold.permissions),
                    tenant_ids=None if hold.tenants is None else sorted(hold.tenants),
                    tag=hold.tag,
                )
                for hold in caller.holds
            ],
        )
    )


READ = Route(
    me.READ,
    permission="signed_in",
    summary=Text("Who am I, and what may I?", "自分の身元と権限の確認"),
    handle=read_me,
    answer=MeAnswer,
)
