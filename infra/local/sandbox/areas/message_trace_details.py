"""Details of a message trace: what happened on the way to one recipient.

Paths and figures: "exchangeMessageTrace: getDetailsByRecipient"; the limit is that of the traces.
"""

from infra.local.sandbox.areas.message_traces import BUDGET, READ, licence, mail_of
from infra.local.sandbox.messages import JSON, ApiError, Reply
from infra.local.sandbox.odata.options import refuse_options
from infra.local.sandbox.odata.pages import context, page_body
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.mail_details import details


def _list(call: Call) -> Reply:
    refuse_options(call.query, frozenset())
    now, recipient = call.now.timestamp(), call.args["recipient"].replace("''", "'")
    found = call.tenant.part(mail_of).course(call.args["id"], recipient, now)
    if found is None:
        raise ApiError(404, "ResourceNotFound", "The message trace was not found.")
    fragment = "Collection(microsoft.graph.exchangeMessageTraceDetail)"
    body = page_body({"@odata.context": context(call, fragment)}, details(*found, now))
    return Reply(body=body, headers={"content-type": JSON})


ROUTES = (
    Route(
        r"/admin/exchange/tracing/messageTraces/(?P<id>[^/]+)"
        r"/getDetailsByRecipient\(recipientAddress='(?P<recipient>(?:[^']|'')+)'\)",
        _list,
        READ,
        BUDGET,
        licence=licence,
    ),
)
