"""Who shares how much: each rule on owners of their own, and all owners once more from the sandbox."""

from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.tenant.libraries import of_sites, personal
from infra.local.sandbox.tenant.model import Tenant
from shared.core import clock, registry
from shared.core.query import Compare, Order, ReportQuery
from shared.store.answers.reports import Reports
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.drives import keep_drives
from tests.catalog.reports.simulated import SEEDS, Stored, Told, simulated, told
from tests.catalog.reports.test_share_rules import OWN, PARTNER, kind_of, link
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

ANYONE, WITHIN = link("anonymous"), link("organization")
ANYONE_WRITES, OUTSIDE = link("anonymous", "write"), {"roles": ["read"], "granted_to": PARTNER}
STRANGE: Object = {"roles": ["sign"], "granted_to": PARTNER}
GONE = link("anonymous", "write", expires_at=days_ago(1))
# Owner: what he shares, his risk and why.
CASES: dict[str, tuple[list[Object], tuple[str | None, str]]] = {
    "high": ([ANYONE_WRITES] * 4, ("high", "high_shares")),
    "nearly-high": ([ANYONE_WRITES] * 3, ("low", "below_limits")),
    "links": ([ANYONE] * 11, ("high", "anonymous_links")),
    "few-links": ([ANYONE] * 10, ("low", "below_limits")),
    "outside": ([OUTSIDE] * 6, ("medium", "external_shares")),
    "few-outside": ([OUTSIDE] * 5, ("low", "below_limits")),
    "many": ([WITHIN] * 21, ("medium", "many_shares")),
    "not-many": ([WITHIN] * 20, ("low", "below_limits")),
    "both": ([ANYONE_WRITES] * 11, ("high", "high_shares")),
    "expired": ([GONE] * 30, ("low", "below_limits")),
    "not-understood": ([ANYONE_WRITES] * 2 + [STRANGE] * 2, (None, "not_understood")),
    "hardly-understood": ([STRANGE] * 3, ("low", "below_limits")),
}
COUNTS = (
    "share_count",
    "anonymous_count",
    "external_count",
    "organization_count",
    "high_risk_count",
    "large_count",
    "closed_count",
    "not_judged_count",
    "not_read_count",
)


def keep(engine: Engine, owners: dict[str, list[Object]], **item: object) -> None:
    """A drive with one file of each owner; no permission of a file of his is known if he has none."""
    people: list[Object] = [
        {
            "id": own,
            "display_name": own,
            "user_principal_name": f"{own}@{OWN}",
            "user_type": "Member",
        }
        for own in owners
    ]
    collect(engine, TENANT, "users", people)
    collect(engine, TENANT, "domains", [{"id": OWN, "is_verified": True}])
    drives: list[Object] = [{"id": f"{own}/d", "user_id": own, "drive_id": "d"} for own in owners]
    collect(engine, TENANT, "user_drives", drives)
    files: list[Object] = [
        {"id": f"{own}/d/i", "name": "a", "size": 1, "shared_at": days_ago(3), **item}
        for own in owners
    ]
    collect(engine, TENANT, "drive_items", files)
    given: list[Object] = [
        {"id": f"{own}/d/i/{number}", **one}
        for own, shares in owners.items()
        for number, one in enumerate(shares)
    ]
    collect(engine, TENANT, "drive_item_permissions", given)


def test_an_owner_is_as_risky_as_the_first_rule_says_that_fits(engine: Engine) -> None:
    keep(engine, {own: shares for own, (shares, _) in CASES.items()})
    found = rows(engine, "sharing_owners")
    assert {own: (row["risk_level"], row["risk_reason"]) for own, row in found.items()} == {
        own: expected for own, (_, expected) in CASES.items()
    }
    assert {(row["owner"], row["user_principal_name"], row["place"], row["drive_count"]) for row in found.values()} == {(own, f"{own}@{OWN}", "onedrive", 1) for own in CASES}  # fmt: skip
    mixed = found["not-understood"]
    assert [mixed[name] for name in COUNTS] == [4, 2, 2, 0, 2, 0, 0, 2, 0]
    assert [found["expired"][name] for name in COUNTS] == [0, 0, 0, 0, 0, 0, 30, 0, 0]
    assert found["expired"]["newest_share_at"] is None
    assert {type(row["newest_share_at"]) for own, row in found.items() if own != "expired"} == {
        datetime
    }


def test_each_limit_is_a_setting(engine: Engine) -> None:
    keep(engine, {"a": [ANYONE_WRITES, ANYONE, OUTSIDE, WITHIN]})

    def level(**limits: int) -> object:
        return asked(engine, "sharing_owners", None, TENANT, **limits)["a"]["risk_reason"]

    assert level() == "below_limits"
    assert level(ownerHighShares=0) == "high_shares"
    assert level(ownerAnonymousLinks=1) == "anonymous_links"
    assert level(ownerExternalShares=0) == "external_shares"
    assert level(ownerShares=3) == "many_shares"
    assert level(ownerShares=4) == "below_limits"


def test_a_file_is_large_once_however_often_it_is_shared(engine: Engine) -> None:
    keep(engine, {"a": [ANYONE, WITHIN]}, size=(10 << 20) + 1)
    assert rows(engine, "sharing_owners")["a"]["large_count"] == 1
    assert asked(engine, "sharing_owners", sharedFileMegabytes=11)["a"]["large_count"] == 0


def test_what_was_not_read_is_no_share_that_is_not_there(engine: Engine) -> None:
    """A file that is marked as shared is counted until it is known with whom."""
    owner = {"roles": ["owner"], "granted_to": PARTNER}
    keep(engine, {"waiting": [], "nobody": [owner]})
    found = rows(engine, "sharing_owners")
    assert {own: [row[name] for name in COUNTS] for own, row in found.items()} == {"waiting": [0] * 8 + [1]}  # fmt: skip
    keep(engine, {"waiting": [], "nobody": [owner]}, shared_at=None)
    assert rows(engine, "sharing_owners") == {}
    collect(engine, TENANT, "drive_items", [], state="partial", cause="budget_spent")
    report = registry.report("sharing_owners")
    with Reports(engine).snapshot(TENANT) as snapshot:
        standing = {one.dataset: one for one in snapshot.standing(report.needs, None).coverage}
    assert (standing["drive_items"].state, standing["drive_items"].cause) == ("partial", "budget_spent")  # fmt: skip
    assert set(report.lacks) == set(report.needs)


def test_the_preset_finds_the_owners_of_high_risk(engine: Engine) -> None:
    keep(engine, {own: shares for own, (shares, _) in CASES.items()})
    report = registry.report("sharing_owners")
    assert report.presets["high"].asked == {"filter": "risk_level eq 'high'"}
    question = ReportQuery(
        as_of=None,
        columns=("id",),
        order=(Order("owner"), Order("id"), Order("place")),
        where=Compare("risk_level", "eq", "high"),
        top=100,
    )
    with Reports(engine).snapshot(TENANT) as snapshot:
        found = [own for (own,) in snapshot.page(report, question).rows]
    assert found == sorted(own for own, (_, (risk, _)) in CASES.items() if risk == "high")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_owners_are_those_of_the_sandbox(app_engine: Engine, seed: int) -> None:
    tenant, held = simulated(seed), Stored(app_engine)
    expected = _counted(tenant, keep_drives(held, tenant))
    found = rows(app_engine, "sharing_owners", tenant=held.tenant_id)
    shown = ("share_count", "anonymous_count", "external_count", "organization_count", "high_risk_count", "closed_count", "large_count", "risk_level")  # fmt: skip
    assert {own: tuple(row[name] for name in shown) for own, row in found.items()} == expected
    assert {row["place"] for row in found.values()} == {"onedrive", "site"}
    shares = rows(app_engine, "sharing", open_ended=("error", "shared_with", "file_type"), tenant=held.tenant_id)  # fmt: skip
    by_name = Counter((row["place"], row["owner"]) for row in shares.values())
    told_by_name: Counter[tuple[object, object]] = Counter()
    for row in found.values():
        told_by_name[row["place"], row["owner"]] += int(str(row["share_count"])) + int(str(row["closed_count"]))  # fmt: skip
    assert told_by_name == by_name


def _counted(tenant: Tenant, whose: dict[str, str]) -> dict[str, tuple[object, ...]]:
    """What each owner shares, from the sandbox's memory."""
    own = {row["id"] for row in tenant.domains()}
    guests = {row["id"] for row in told(tenant, "users") if row["userType"] == "Guest"}
    kinds: dict[str, Counter[str]] = {}
    for library in (personal(tenant), of_sites(tenant)):
        for item in library.drives.items.rows(0, len(library.drives.items)):
            given: list[Told] = list(library.sharing.of(item)) if "shared" in item else []
            open_shares = 0
            counts = Counter[str]()
            for one in given:
                scope = one.get("link", {}).get("scope")
                if one["roles"] == ["owner"] or "inheritedFrom" in one or scope == "existingAccess":
                    continue
                kind, end = kind_of(one, own, guests), one.get("expirationDateTime")
                if end is not None and datetime.fromisoformat(end) <= clock.now():
                    counts["closed"] += 1
                    continue
                open_shares += 1
                counts[kind] += 1
                if kind in ("anonymous", "external") and one["roles"] == ["write"]:
                    counts["high"] += 1
            if open_shares and item["size"] > 10 << 20:
                counts["large"] += 1
            if counts:
                kinds.setdefault(whose[library.drives.drive_of(item)], Counter()).update(counts)
    return {owner: _told(each) for owner, each in kinds.items()}


def _told(each: Counter[str]) -> tuple[object, ...]:
    shares = sum(each[kind] for kind in ("anonymous", "external", "organization", "internal"))
    if each["high"] > 3 or each["anonymous"] > 10:
        level = "high"
    else:
        level = "medium" if each["external"] > 5 or shares > 20 else "low"
    names = ("anonymous", "external", "organization", "high", "closed", "large")
    return (shares, *(each[name] for name in names), level)
