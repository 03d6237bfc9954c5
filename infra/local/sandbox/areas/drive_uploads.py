"""Files that are uploaded: the session is opened here, and their content fetched through a redirect."""

from infra.local.sandbox import uploads
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.pages import context
from infra.local.sandbox.routing import Call, Route

_WRITE = ("Files.ReadWrite.All",)


def _open(call: Call) -> Reply:
    body = call.request.json() if call.request.body else {}
    item = body.get("item") if isinstance(body, dict) else None
    if body and not isinstance(item, dict):
        raise ApiError(400, "invalidRequest", "The request body names no item.")
    place = {"driveId": call.args["drive"], "id": call.args.get("parent") or "root"}
    name = str((item or {}).get("name") or call.args["name"])
    secret, session = uploads.begin(call.tenant, name, place)
    url = uploads.address(call.base.rsplit("/", 1)[0], secret)
    head = {"@odata.context": context(call, "microsoft.graph.uploadSession")}
    return json_reply({**head, "uploadUrl": url, **session.told()})


def _content(call: Call) -> Reply:
    held = call.tenant.part(uploads.files)
    if call.args["id"] not in held.items:
        raise ApiError(404, "itemNotFound", "The resource could not be found.")
    url = uploads.address(call.base.rsplit("/", 1)[0], call.args["id"])
    return Reply(302, headers={"location": url})


WRITING = {"Files.ReadWrite.All": "75359482-378d-4052-8f01-80520e7db3cd"}
_NAMED = r":/(?P<name>[^/:]+):/createUploadSession"
ROUTES = (
    Route(
        rf"/drives/(?P<drive>[^/]+)/items/(?P<parent>[^/:]+){_NAMED}",
        _open, _WRITE, budget="", methods=("POST",),
    ),
    Route(rf"/drives/(?P<drive>[^/]+)/root{_NAMED}", _open, _WRITE, budget="", methods=("POST",)),
    Route(r"/drives/(?P<drive>[^/]+)/items/(?P<id>[^/:]+)/content", _content, _WRITE, budget=""),
)  # fmt: skip
