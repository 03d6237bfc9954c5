"""MFA: who is registered, who is not, and of whom nothing is known."""

from collections import Counter

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = world.answered("mfa")
    listed = {one["id"]: one for one in world.has("registrations")}
    accounts = {one["id"] for one in world.has("users")}
    state = {True: "registered", False: "not_registered"}
    states = {own: state[listed[own]["isMfaRegistered"]] if own in listed else "unknown" for own in accounts | listed.keys()}  # fmt: skip
    yield "states", {row["id"]: row["mfa_status"] for row in rows}, states
    admins = {own for own, one in listed.items() if one["isAdmin"]}
    yield "administrators", {row["id"] for row in rows if row["is_admin"]}, admins
    known = {one["id"]: one for one in world.has("users")} | listed
    types = Counter(row["user_type"] for row in rows)
    yield "members and guests", types, Counter(one["userType"].lower() for one in known.values())
