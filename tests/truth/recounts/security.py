"""Security: members with MFA, and how far each control of the secure score is fulfilled."""

from tests.truth.world import Close, Figures, World


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("security")}
    listed = {one["id"]: one["isMfaRegistered"] for one in world.has("registrations")}
    members = [
        listed[one["id"]]
        for one in world.has("users")
        if one["accountEnabled"] and one["userType"] == "Member" and one["id"] in listed
    ]
    yield "members", rows["check:mfa_members"]["details"], f"{sum(members)} / {len(members)}"
    days = world.told.objects("security/secureScores?$top=90")
    newest = max(days, key=lambda day: str(day["createdDateTime"]))
    for one in newest["controlScores"]:
        rate = rows[f"control:{one['controlName']}"]["compliance_rate_percent"]
        yield one["controlName"], rate, Close(one["scoreInPercentage"], 0.6)
