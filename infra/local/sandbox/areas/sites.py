"""Sites of a tenant, those of people included.

`getAllSites` is a function of the collection; its nextLink spells it in full ("site: getAllSites").
"""

from random import Random

from infra.local.sandbox.areas.drives import SERVICE, licence, not_permitted
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import ONE, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import Paging, context, list_reply, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.libraries import site_list_of, sites_of

_SITE = plain_type(
    "site",
    "id createdBy createdDateTime description displayName eTag error isPersonalSite lastModifiedBy "
    "lastModifiedDateTime name parentReference root sharepointIds siteCollection webUrl",
)
_OPTIONS = frozenset({"$select", "$top"})
# Microsoft's page names no size; the directory's is taken.
_PAGING = Paging(100, 999)
_READ = ("Sites.Read.All",)
_UNITS = 2


def _all(call: Call) -> Reply:
    options = read_options(call, _SITE, _OPTIONS)
    reply = list_reply(call, call.tenant.part(sites_of), _SITE, "sites", options=options, paging=_PAGING)  # fmt: skip
    reply.body = reply.body.replace(b"/sites/getAllSites?", b"/sites/oneDrive.getAllSites?", 1)
    return reply


def _one(call: Call) -> Reply:
    found = call.tenant.part(sites_of).state(call.args["site"])
    if found is None:
        raise ApiError(404, "itemNotFound", "Requested site could not be found")
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), _SITE)
    shown = project([found], _SITE, select)[0]
    return json_reply({"@odata.context": context(call, "sites/$entity", select), **shown})


def _rename(changes: Changes, dice: Random) -> str:
    """An owner gives a site another name."""
    listed = changes.tenant.part(site_list_of)
    key = listed.key(dice.choice(listed.known))
    if listed.objects.state(key) is None:
        return ""
    title = f"{dice.choice(names.PROJECTS)} {dice.randrange(1_000)}"
    facts = {"displayName": title, "lastModifiedDateTime": stamp(changes.tenant.clock.now())}
    changes.patch("sites", key, facts)
    return key


COLLECTIONS = {"sites": sites_of}
LIFE = (Happening("site", 0.02, _rename),)
ROUTES = (
    Route(r"/sites/(oneDrive\.|microsoft\.graph\.)?getAllSites", _all, _READ, SERVICE, _UNITS,
          licence=licence, refusal=not_permitted),
    Route(r"/sites/(?P<site>[^/]+,[^/]+,[^/]+)", _one, _READ, SERVICE, licence=licence, refusal=not_permitted),
)  # fmt: skip
