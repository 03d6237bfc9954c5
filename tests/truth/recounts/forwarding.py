"""Forwarding: the addresses outside that each inbox rule sends mail to."""

from tests.truth.world import Figures, World

_SENDING = ("forwardTo", "redirectTo", "forwardAsAttachmentTo")


def recount(world: World) -> Figures:
    own = {one["id"] for one in world.has("domains")}
    outside, on = {}, {}
    for rule in world.has("inbox_rules"):
        lists = [rule["actions"].get(name, []) for name in _SENDING]
        addresses = [one["emailAddress"]["address"] for each in lists for one in each]
        found = [one for one in addresses if "@" in one and one.split("@")[1] not in own]
        if found:
            key = f"{rule['userId']}/{rule['id']}"
            outside[key] = len(found)
            on[key] = (
                "error" if rule["hasError"] else "enabled" if rule["isEnabled"] else "disabled"
            )
    rows = world.answered("forwarding")
    yield "addresses", {row["id"]: row["outside_count"] for row in rows}, outside
    yield "states", {row["id"]: row["rule_state"] for row in rows}, on
