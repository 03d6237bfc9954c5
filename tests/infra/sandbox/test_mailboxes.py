"""Mailboxes: their settings, the rules of their inboxes, and two ways to say that there is none."""

from collections import Counter

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = [pytest.mark.stack, pytest.mark.slow]

RULES = "mailFolders/inbox/messageRules"


def test_who_has_no_mailbox_is_answered_in_two_ways(sandbox: Sandbox) -> None:
    users, _page = sandbox.read("/users?$select=id,mail,userType&$top=999")
    answers = {user["id"]: sandbox.get(f"/users/{user['id']}/mailboxSettings") for user in users}
    found = {own for own, answer in answers.items() if answer.status_code == 200}
    told = sandbox.admin.journal("mailbox_settings")["objects"]
    assert found == told.keys() & answers.keys(), "who is gone has none"
    codes = Counter(
        answer.json()["error"]["code"] for own, answer in answers.items() if own not in found
    )
    assert set(codes) == {"MailboxNotEnabledForRESTAPI", "ResourceNotFound"}
    without = next(own for own in answers if own not in found)
    assert sandbox.error(f"/users/{without}/{RULES}")[0] == 404
    addressed = {user["id"] for user in users if user["mail"] and user["userType"] == "Member"}
    assert found < addressed, "a few of those who should have one have none"


def test_settings_are_one_object_with_what_is_asked_for(sandbox: Sandbox) -> None:
    own = min(sandbox.admin.journal("mailbox_settings")["objects"])
    whole = sandbox.get(f"/users/{own}/mailboxSettings").json()
    assert {"userPurpose", "automaticRepliesSetting", "timeZone", "language"} <= whole.keys()
    assert "id" not in whole
    some = sandbox.get(f"/users/{own}/mailboxSettings?$select=userPurpose,timeZone").json()
    assert {name for name in some if not name.startswith("@")} == {"userPurpose", "timeZone"}
    assert sandbox.error(f"/users/{own}/mailboxSettings?$top=1")[0] == 400


def test_some_rules_forward_outside_in_each_way(sandbox: Sandbox) -> None:
    users = {row["id"] for row in sandbox.read("/users?$select=id&$top=999")[0]}
    every = sandbox.admin.journal("inbox_rules")["objects"]
    told = {key: rule for key, rule in every.items() if rule["userId"] in users}
    by_user = {rule["userId"] for rule in told.values()}
    rows = [row for user in by_user for row in sandbox.read(f"/users/{user}/{RULES}")[0]]
    assert {row["id"] for row in rows} == set(told)
    assert all("userId" not in row for row in rows)
    assert {"moveToFolder"} < {action for row in rows for action in row["actions"]}
    for user in by_user:
        order = [row["sequence"] for row in sandbox.read(f"/users/{user}/{RULES}")[0]]
        assert order == sorted(order)


def test_life_changes_rules_and_replies(sandbox: Sandbox) -> None:
    before = {name: sandbox.admin.journal(name)["objects"] for name in ("inbox_rules", "mailbox_settings")}  # fmt: skip

    def both_changed(kinds: set[str]) -> bool:
        after = {name: sandbox.admin.journal(name)["objects"] for name in before}
        changed = all(after[name] != before[name] for name in before)
        return changed and {"inbox rule", "automatic replies"} <= kinds

    live_until(sandbox.admin, both_changed)


def test_without_exchange_nobody_has_a_mailbox(sandbox: Sandbox) -> None:
    own = min(sandbox.admin.journal("mailbox_settings")["objects"])
    sandbox.admin.tenant(notBought=["exchange"])
    try:
        assert sandbox.error(f"/users/{own}/mailboxSettings")[0] == 404
    finally:
        sandbox.admin.tenant(notBought=[])
