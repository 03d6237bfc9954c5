"""What is shared: with whom, of which type and at what risk, each rule on a permission of its own."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from infra.local.sandbox.tenant.libraries import of_sites, personal
from shared.core import clock, registry
from shared.core.query import (
    Both,
    Compare,
    Condition,
    Either,
    Match,
    Negation,
    OneOf,
    Order,
    ReportQuery,
)
from shared.core.report import Report
from shared.store.answers.report_statements import page_sql, parameter_values, question_values
from shared.store.answers.reports import Reports
from shared.store.answers.sources import AS_OF
from shared.store.answers.sources import TENANT as TENANT_ID
from shared.store.session.sessions import tenant_snapshot
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.drives import keep_drives
from tests.catalog.reports.simulated import SEEDS, Stored, Told, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

OWN, OUT = "contoso.example", "fabrikam.example"
FREE = ("error", "shared_with", "file_type")
MEMBER = {"user": {"displayName": "Sato", "email": f"sato@{OWN}", "id": "sato"}}
PARTNER = {"user": {"displayName": "Pat", "email": f"Pat@{OUT.upper()}"}}
LOGIN = f"i:0#.f|membership|pat_north_{OUT}#EXT#@contoso.onmicrosoft.com"
GUEST = {"siteUser": {"displayName": "Pat North", "loginName": LOGIN}}
CODE = {"siteUser": {"loginName": f"i:0#.f|membership|urn%3aspo%3aguest#pin@{OUT}"}}
APP = {"siteUser": {"displayName": "Flow", "loginName": "i:0i.t|00000003|app@sharepoint"}}
# Another tenant's account may have an address of ours.
NAMESAKE = {"siteUser": {"displayName": "Nao", "loginName": LOGIN.replace(f"pat_north_{OUT}", f"nao_{OWN}")}}  # fmt: skip
KNOWN_GUEST = {"user": {"displayName": "Gail", "id": "gail"}}
GROUP = {"group": {"displayName": "Project", "id": "p"}}


def link(scope: str, role: str = "read", **more: object) -> Object:
    return {"link_scope": scope, "roles": [role], **more}


# Permission: type, with whom, access, risk, state, and the addresses outside (anyone: None).
CASES: dict[str, tuple[Object, tuple[object, ...]]] = {
    "anyone may read": (
        link("anonymous"), ("anonymous", "anonymous", "view", "medium", "active", [None])),
    "anyone may write": (
        link("anonymous", "write"), ("anonymous", "anonymous", "edit", "high", "active", [None])),
    "anyone could, once": (
        link("anonymous", "write", expires_at=days_ago(1)),
        ("anonymous", "anonymous", "edit", "low", "expired", [None])),
    "anyone can, still": (
        link("anonymous", "write", expires_at=days_ago(-1)),
        ("anonymous", "anonymous", "edit", "high", "active", [None])),
    "no download": (
        link("anonymous", link_prevents_download=True),
        ("anonymous", "anonymous", "view_no_download", "medium", "active", [None])),
    "within": (
        link("organization", "write"), ("organization", "organization", "edit", "low", "active", [])),
    "people within": (
        link("users", granted_to_identities=[MEMBER, GROUP]),
        ("internal", "Sato, Project", "view", "low", "active", [])),
    "people outside": (
        link("users", granted_to_identities=[MEMBER, PARTNER]),
        ("external", "Sato, Pat", "view", "medium", "active", [f"Pat@{OUT.upper()}"])),
    "guest by login": (
        link("users", "write", granted_to_identities=[GUEST]),
        ("external", "Pat North", "edit", "high", "active", [f"pat_north@{OUT}"])),
    "guest of a like name": (
        link("users", granted_to_identities=[NAMESAKE]),
        ("external", "Nao", "view", "medium", "active", [f"nao@{OWN}"]),
    ),
    "guest by code": (
        link("users", granted_to_identities=[CODE]),
        ("external", f"pin@{OUT}", "view", "medium", "active", [f"pin@{OUT}"])),
    "guest by account": (
        {"roles": ["read"], "granted_to": KNOWN_GUEST},
        ("external", "Gail", "view", "medium", "active", [None])),
    "app": (
        {"roles": ["write"], "granted_to": APP}, ("internal", "Flow", "edit", "low", "active", [])),
    "control": (
        {"roles": ["sp.full control"], "granted_to": PARTNER},
        ("external", "Pat", "full_control", "high", "active", [f"Pat@{OUT.upper()}"])),
    "invited": (
        {"roles": ["read"], "invitation_email": f"new@{OUT}"},
        ("external", f"new@{OUT}", "view", "medium", "active", [f"new@{OUT}"])),
    "accepted": (
        {"roles": ["read"], "invitation_email": f"pat@{OUT}", "granted_to": PARTNER},
        ("external", "Pat", "view", "medium", "active", [f"Pat@{OUT.upper()}"])),
    "invited within": (
        {"roles": ["read"], "invitation_email": f"new@{OWN}"},
        ("internal", f"new@{OWN}", "view", "low", "active", [])),
    "new kind": (link("galaxy"), ("galaxy", None, "view", None, "active", [])),
    "new role": (
        {"roles": ["sign"], "granted_to": PARTNER},
        ("external", "Pat", "sign", None, "active", [f"Pat@{OUT.upper()}"])),
    "no role": (link("anonymous", roles=None), ("anonymous", "anonymous", None, None, "active", [None])),
    "nobody": (link("users"), ("internal", None, "view", "low", "active", [])),
}  # fmt: skip
NO_SHARES: dict[str, Object] = {
    "owner": {"roles": ["owner"], "granted_to": MEMBER},
    "owner site": {"roles": ["owner"], "granted_to": {"siteGroup": {"displayName": "Owners"}}},
    "before": link("existingAccess"),
    "above": link("anonymous", inherited_from_item_id="folder"),
}


def share(engine: Engine, given: dict[str, Object], **item: object) -> None:
    """One file of Mori's with these permissions; guests and domains are known."""
    people: list[Object] = [
        {"id": "mori", "display_name": "Mori", "user_type": "Member"},
        {"id": "gail", "display_name": "Gail", "user_type": "guest"},
    ]
    collect(engine, TENANT, "users", people)
    own = [{"id": OWN, "is_verified": True}, {"id": OUT, "is_verified": False}]
    collect(engine, TENANT, "domains", own)
    collect(engine, TENANT, "user_drives", [{"id": "mori/d", "user_id": "mori", "drive_id": "d"}])
    file: Object = {"id": "mori/d/i", "name": "Plan.XLSX", "size": 1024 * 1024, **item}
    collect(engine, TENANT, "drive_items", [file])
    told = [{"id": f"mori/d/i/{name}", **one} for name, one in given.items()]
    collect(engine, TENANT, "drive_item_permissions", told)


def test_each_share_has_its_type_its_people_and_its_risk(engine: Engine) -> None:
    share(engine, {**{name: given for name, (given, _) in CASES.items()}, **NO_SHARES})
    found = {own.rsplit("/")[-1]: row for own, row in rows(engine, "sharing", open_ended=(*FREE, "share_type", "access_permission", "link_scope")).items()}  # fmt: skip
    shown = ("share_type", "shared_with", "access_permission", "risk_level", "link_state")
    judged = {name: tuple(row[column] for column in shown) for name, row in found.items()}
    assert judged == {name: expected[:5] for name, (_, expected) in CASES.items()}
    assert {(row["file_name"], row["owner"], row["file_type"], row["size_mb"], row["place"]) for row in found.values()} == {("Plan.XLSX", "Mori", "xlsx", 1.0, "onedrive")}  # fmt: skip
    outside: dict[str, list[object]] = {name: [] for name in CASES}
    answered = asked(engine, "external")
    for own, row in sorted(answered.items()):
        name = own.split("/")[3]
        outside[name].append(row["shared_email"])
        assert [row[column] for column in ("share_type", "access_permission", "risk_level", "link_state")] == [CASES[name][1][place] for place in (0, 2, 3, 4)], name  # fmt: skip
    assert outside == {name: expected[5] for name, (_, expected) in CASES.items()}
    assert {row["external_domain"] for row in answered.values()} == {None, OUT, OWN}


def test_what_is_worked_out_is_found_by_each_of_its_values(engine: Engine) -> None:
    """What follows from a filter for stored columns leaves out no row that meets it."""
    given = {name: told for name, (told, _) in CASES.items()}
    share(engine, {**given, "gone": link("organization", expires_at=days_ago(1))}, size=11 << 20)
    for key in ("sharing", "external"):
        report, every = registry.report(key), asked(engine, key)
        for name in ("share_type", "access_permission", "risk_level", "link_state"):
            values = {row[name] for row in every.values()}
            assert len(values) > 1
            some = sorted(value for value in values if isinstance(value, str))
            conditions: dict[Condition, set[object]] = {
                OneOf(name, tuple(some[1:])): {*some[1:]},
                Negation(OneOf(name, tuple(some[1:]))): {some[0], None},
                Either(Compare(name, "eq", some[0]), Compare(name, "gt", some[-1])): {some[0]},
                Both(Compare(name, "ne", None), Match(name, "startswith", some[-1])): {some[-1]},
                Compare(name, "eq", "none-such"): set(),
            }
            conditions |= {Compare(name, "eq", value): {value} for value in values}  # type: ignore[arg-type]
            for condition, wanted in conditions.items():
                found = filtered(engine, report, condition)
                expected = {own for own, row in every.items() if row[name] in wanted & values}
                assert found == expected, (key, condition)


def filtered(engine: Engine, report: Report, where: Condition) -> set[str]:
    """The ids of the rows that meet a condition."""
    question = ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), where=where, top=1000)
    with Reports(engine).snapshot(TENANT) as snapshot:
        return {str(own) for (own,) in snapshot.page(report, question).rows}


def test_whom_it_is_shared_with_is_looked_at_of_those_that_may_meet_a_filter(
    engine: Engine,
) -> None:
    """Of links within and for anyone nobody is looked at to find what is shared with people outside."""
    share(engine, {"a": link("organization"), "b": link("anonymous"), "c": link("users")})
    looked = {
        "share_type": ("external", 1),
        "link_state": ("expired", 0),
        "risk_level": ("none-such", 0),
        "shared_with": ("Sato", 3),
    }
    for name, (value, shares) in looked.items():
        assert recipients_looked_for(engine, Compare(name, "eq", value)) == shares, name


def recipients_looked_for(engine: Engine, where: Condition) -> int:
    """How often a question has the JSON of a permission taken apart into recipients."""
    report = registry.report("sharing")
    question = ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), where=where)
    statement = page_sql(report, question, "all", registry.collector, 100)
    values = question_values(question) | parameter_values(report, question)
    values |= {TENANT_ID: TENANT, AS_OF: clock.now()}
    with tenant_snapshot(engine, TENANT, timeout="20s") as session, psycopg.RawCursor(session) as cursor:  # fmt: skip
        explain = f"EXPLAIN (ANALYZE, VERBOSE, FORMAT JSON) {statement.sql}"
        cursor.execute(explain.encode(), statement.arguments(values))
        told: Any = cursor.fetchall()
    return sum(
        int(node["Actual Loops"])
        for node in nodes(told[0][0][0]["Plan"])
        if node.get("Function Name") == "jsonb_array_elements"
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


@pytest.mark.parametrize(
    ("capability", "anyone", "outside"),
    [
        ("externalUserAndGuestSharing", "active", "active"),
        ("externalUserSharingOnly", "blocked", "active"),
        ("existingExternalUserSharingOnly", "blocked", "active"),
        ("disabled", "blocked", "blocked"),
        ("somethingNew", "active", "active"),
        (None, "active", "active"),
    ],
)
def test_what_the_tenant_does_not_allow_opens_nothing(
    engine: Engine, capability: str | None, anyone: str, outside: str
) -> None:
    share(
        engine, {"a": link("anonymous", "write"), "b": {"roles": ["write"], "granted_to": PARTNER}}
    )
    settings = [{"id": "sharepoint_settings", "sharing_capability": capability}]
    collect(engine, TENANT, "sharepoint_settings", settings)
    found = rows(engine, "sharing", open_ended=FREE)
    told = [(found[f"mori/d/i/{name}"]["link_state"], found[f"mori/d/i/{name}"]["risk_level"]) for name in "ab"]  # fmt: skip
    assert told == [(state, {"active": "high", "blocked": "low"}[state]) for state in (anyone, outside)]  # fmt: skip


def test_a_large_file_is_of_medium_risk_from_a_threshold_on(engine: Engine) -> None:
    size = 10 * 1024 * 1024
    share(engine, {"a": link("organization")}, size=size + 1)
    assert [row["risk_level"] for row in asked(engine, "sharing").values()] == ["medium"]
    allowed = asked(engine, "sharing", sharedFileMegabytes=11)
    assert [row["risk_level"] for row in allowed.values()] == ["low"]
    share(engine, {"a": link("organization")}, size=size)
    assert [row["risk_level"] for row in asked(engine, "sharing").values()] == ["low"]


def test_without_domains_everybody_with_an_address_counts_as_outside(engine: Engine) -> None:
    share(engine, {"a": {"roles": ["read"], "granted_to": MEMBER}})
    collect(engine, TENANT, "domains", [])
    assert [row["share_type"] for row in asked(engine, "sharing").values()] == ["external"]


def test_a_crawl_that_has_not_seen_every_drive_says_so(engine: Engine) -> None:
    share(engine, {"a": link("anonymous")})
    collect(engine, TENANT, "drive_items", [], state="partial", cause="budget_spent")
    for key in ("sharing", "external", "syncerror"):
        report = registry.report(key)
        with Reports(engine).snapshot(TENANT) as snapshot:
            told = {one.dataset: one for one in snapshot.standing(report.needs, None).coverage}
        assert (told["drive_items"].state, told["drive_items"].cause) == ("partial", "budget_spent")
        assert told["site_drive_items"].state == "never"
        assert set(report.lacks) >= set(report.needs) - {"users", "sites"}, (
            "each says what is missing"
        )


# ---- the same counted once more, from the sandbox's memory


def kind_of(given: Told, own: set[str], guests: set[str]) -> str:
    """The type of a share, once more."""
    scope = given.get("link", {}).get("scope", "users")
    if scope != "users":
        return str(scope)
    told = [*given.get("grantedToIdentitiesV2", ())]
    told += [given["grantedToV2"]] if "grantedToV2" in given else []
    outside = any(
        "#ext#" in one.get("siteUser", {}).get("loginName", "")
        or one.get("user", {}).get("id") in guests
        or one.get("user", {}).get("email", f"@{min(own)}").split("@")[1] not in own
        for one in told
    )
    invited = given.get("invitation", {}).get("email", f"@{min(own)}").split("@")[1] not in own
    return "external" if outside or invited else "internal"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_shares_are_those_of_the_sandbox(app_engine: Engine, seed: int) -> None:
    tenant, held = simulated(seed), Stored(app_engine)
    keep_drives(held, tenant)
    own = {row["id"] for row in tenant.domains()}
    guests = {row["id"] for row in told(tenant, "users") if row["userType"] == "Guest"}
    expected: Counter[tuple[Any, ...]] = Counter()
    for place, library in (("onedrive", personal(tenant)), ("site", of_sites(tenant))):
        for item in library.drives.items.rows(0, len(library.drives.items)):
            for given in library.sharing.of(item) if "shared" in item else ():
                scope = given.get("link", {}).get("scope")
                if given["roles"] == ["owner"] or "inheritedFrom" in given or scope == "existingAccess":  # fmt: skip
                    continue
                kind, writes = kind_of(given, own, guests), given["roles"] == ["write"]
                end = given.get("expirationDateTime")
                over = end is not None and datetime.fromisoformat(end) <= clock.now()
                out = kind in ("anonymous", "external")
                risk = "low" if over else "high" if out and writes else "medium" if out or item["size"] > 10 << 20 else "low"  # fmt: skip
                expected[place, kind, risk, item["name"]] += 1
    found = rows(app_engine, "sharing", open_ended=FREE, tenant=held.tenant_id)
    shown = ("place", "share_type", "risk_level", "file_name")
    assert Counter(tuple(row[name] for name in shown) for row in found.values()) == expected
    assert {kind for _, kind, _, _ in expected} == {"anonymous", "organization", "external", "internal"}  # fmt: skip
    assert {risk for _, _, risk, _ in expected} == {"low", "medium", "high"}
    answered = rows(app_engine, "external", open_ended=FREE, tenant=held.tenant_id)
    per_share = {own.rpartition("/")[0] for own in answered}
    outwards = {own for own, row in found.items() if row["share_type"] in ("anonymous", "external")}
    assert per_share == outwards
