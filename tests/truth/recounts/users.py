"""Users: who is enabled and licensed, and for how long nobody has used an account."""

from shared.core import clock
from tests.truth.world import Figures, World, at


def recount(world: World) -> Figures:
    rows, users = world.answered("users"), world.has("users")
    told = {row["id"]: (row["account_status"], row["license_status"]) for row in rows}
    yield (
        "states",
        told,
        {
            one["id"]: (
                "enabled" if one["accountEnabled"] else "disabled",
                "licensed" if one["assignedLicenses"] else "unlicensed",
            )
            for one in users
        },
    )
    seen = {one["id"]: one["signInActivity"] for one in world.has("sign_in_activity")}
    last = {own: (told or {}).get("lastSuccessfulSignInDateTime") for own, told in seen.items()}
    days = {own: (clock.now() - at(when)).days for own, when in last.items() if when}
    told_days = {row["id"]: row["inactive_days"] for row in rows}
    yield "days", {own: told_days[own] for own in days}, days
