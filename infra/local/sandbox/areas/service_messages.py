"""The message center: what Microsoft will change. Page size by preference, links by `$skip`.

https://learn.microsoft.com/en-us/graph/api/serviceannouncement-list-messages
"""

from random import Random

from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import ALL, read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_PATH = "admin/serviceAnnouncement/messages"
_MESSAGE = plain_type(
    "serviceUpdateMessage",
    "id startDateTime endDateTime lastModifiedDateTime title category severity tags isMajorChange "
    "actionRequiredByDateTime services hasAttachments attachmentsArchive body details viewPoint",
)
_SEEDED, _DAYS = 240, 360
_TITLES = (
    "New meeting recap",
    "Retirement of basic authentication for SMTP",
    "共有リンクの既定値が変わります",
    "Changes to sharing notifications",
    "Action required: update your connectors",
)
_SERVICES = ("Exchange Online", "Microsoft Teams", "SharePoint Online", "OneDrive for Business")
_CATEGORIES = (
    "stayInformed",
    "stayInformed",
    "planForChange",
    "planForChange",
    "preventOrFixIssue",
)
_TAGS = ("New feature", "User impact", "Admin impact", "Feature update", "Retirement")


def _seeded(tenant: Tenant) -> Collection:
    dice = Dice(tenant.seed, "service message")
    made = [_message(dice.roll(number), number, tenant.anchor) for number in range(_SEEDED)]
    return Collection.of("service_messages", tenant.timeline, made)


def _message(roll: bytes, number: int, anchor: int) -> Entity:
    start = anchor - (1 + number * (_DAYS - 1) // _SEEDED) * DAY - roll[0] * 300
    changed = min(start + roll[1] * 12_000, anchor - 60) if roll[2] < 110 else start
    major = roll[3] < 60
    title = _TITLES[roll[4] % len(_TITLES)]
    return {
        "id": f"MC{900_000 - number}",
        "startDateTime": epoch_stamp(start),
        "endDateTime": epoch_stamp(start + 180 * DAY) if roll[5] < 230 else None,
        "lastModifiedDateTime": epoch_stamp(changed),
        "title": f"(Updated) {title}" if changed > start else title,
        "category": _CATEGORIES[roll[6] % len(_CATEGORIES)],
        "severity": "critical" if roll[7] < 3 else "high" if roll[7] < 25 else "normal",
        "isMajorChange": major if roll[8] > 3 else None,
        "actionRequiredByDateTime": epoch_stamp(start + 60 * DAY) if major and roll[9] < 128 else None,
        "services": [_SERVICES[roll[10] % 4], *([_SERVICES[(roll[10] + 1) % 4]] if roll[11] < 40 else [])],
        "tags": [_TAGS[roll[12] % len(_TAGS)], *(["Updated message"] if changed > start else [])],
        "hasAttachments": roll[13] < 10,
        "body": {"contentType": "html", "content": f"<p>{title}.</p><ul><li>When this will happen</li></ul>"},
        "details": [{"name": "RoadmapIds", "value": str(80_000 + number)}],
        "viewPoint": None,
    }  # fmt: skip


def _list(call: Call) -> Reply:
    options = read_options(call, _MESSAGE, (ALL - {"$search", "$expand"}) | {"$skip"})
    held = call.tenant.part(_seeded)
    return list_reply(
        call, held, _MESSAGE, _PATH, options=options,
        paging=Paging(100, 1_000, by_preference=True, by_skip=True),
    )  # fmt: skip


def _update(changes: Changes, dice: Random) -> str:
    """Microsoft puts a date off, and says so in the title."""
    held = changes.tenant.part(_seeded)
    at = dice.randrange(len(held))
    message = next(held.rows(at, at + 1), None)
    if message is None:
        return ""
    title = str(message["title"]).removeprefix("(Updated) ")
    moment = stamp(changes.tenant.clock.now())
    told = {"title": f"(Updated) {title}", "lastModifiedDateTime": moment, "severity": "normal"}
    changes.patch("service_messages", message["id"], told)
    return str(message["id"])


COLLECTIONS = {"service_messages": _seeded}
LIFE = (Happening("service message", 0.03, _update),)
ROUTES = (Route(f"/{_PATH}", _list, ("ServiceMessage.Read.All",), budget="service_health"),)
