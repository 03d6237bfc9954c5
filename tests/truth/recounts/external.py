"""Shares outwards: links that anybody opens, and each address outside that something was given to."""

from collections import Counter

from tests.truth.recounts.sharing import given
from tests.truth.world import Figures, Row, World


def _addresses(permission: Row, own: set[str], guests: dict[str, str]) -> int:
    """How many of those whom a permission names are outside."""
    told = [*permission.get("grantedToIdentitiesV2", ())]
    told += [permission["grantedToV2"]] if "grantedToV2" in permission else []
    outside = 0
    for one in told:
        site, user = one.get("siteUser", {}), one.get("user", {})
        mail = user.get("email", "")
        guest = "#ext#" in site.get("loginName", "") or user.get("id") in guests
        outside += guest or (bool(mail) and mail.split("@")[1] not in own)
    mail = permission.get("invitation", {}).get("email", "")
    return outside + (bool(mail) and mail.split("@")[1] not in own and not told)


def recount(world: World) -> Figures:
    rows, own = world.answered("external"), {one["id"] for one in world.has("domains")}
    guests = {one["id"]: "" for one in world.has("users") if one["userType"] == "Guest"}
    anybody = Counter(row["place"] for row in rows if row["link_scope"] == "anonymous")
    named = Counter(row["place"] for row in rows if row["link_scope"] != "anonymous")
    links: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for place, permission in given(world):
        scope = permission.get("link", {}).get("scope")
        if scope == "anonymous":
            links[place] += 1
        elif scope != "organization":
            people[place] += _addresses(permission, own, guests)
    yield "links", anybody, links
    yield "addresses", named, +people
