"""Applications: how many credentials each has, how many owners, and who consented."""

from collections import Counter, defaultdict

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = world.answered("applications")
    credentials: Counter[str] = Counter()
    registered, holders = world.has("applications"), world.has("service_principals")
    for one in (*registered, *holders):
        credentials[one["appId"]] += len(one["passwordCredentials"]) + len(one["keyCredentials"])
    told = {row["app_id"]: row["credential_count"] or 0 for row in rows}
    yield "credentials", told, {own: credentials[own] for own in credentials}
    owners = Counter(row["applicationId"] for row in world.has("application_owners"))
    own = {one["appId"]: owners[one["id"]] for one in registered}
    told = {row["app_id"]: row["owner_count"] for row in rows if row["app_id"] in own}
    yield "owners", told, own
    people: defaultdict[str, set[str]] = defaultdict(set)
    for grant in world.has("oauth2_permission_grants"):
        if grant["principalId"] is not None:
            people[grant["clientId"]].add(grant["principalId"])
    known = {one["id"] for one in holders}
    said = {row["id"]: row["consenting_user_count"] for row in rows if row["consenting_user_count"]}
    yield "consents", said, {key: len(who) for key, who in people.items() if key in known}
