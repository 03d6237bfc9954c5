"""Rules of mail flow, delivery, spam and forwarding, each on a handful of objects in real PostgreSQL."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

OWN, OUTSIDE = "Contoso.example", "fabrikam.example"


def domains(engine: Engine) -> None:
    named = {"contoso.example": True, "unverified.example": False}
    collect(
        engine,
        TENANT,
        "domains",
        [{"id": name, "is_verified": verified} for name, verified in named.items()],
    )


def trace(name: str, **more: object) -> Object:
    """A message of an hour ago from outside to the tenant."""
    return {
        "id": f"{name}/to@{OWN}",
        "trace_id": name,
        "received_at": days_ago(1 / 24),
        "sender_address": f"from@{OUTSIDE}",
        "recipient_address": f"to@{OWN}",
        "size": 2048,
        "status": "delivered",
        "to_ip": "",
        **more,
    }


def steps(message: Object, *told: tuple[float, str, str]) -> list[Object]:
    """Details of a message: minutes after it was received, event and description."""
    received = message["received_at"]
    assert isinstance(received, datetime)
    return [
        {
            "id": f"{message['id']}/{number}",
            "occurred_at": received + timedelta(minutes=minutes),
            "event": event,
            "description": description,
        }
        for number, (minutes, event, description) in enumerate(told)
    ]


def test_the_direction_goes_by_verified_domains(engine: Engine) -> None:
    pairs = {
        "internal": (f"a@{OWN}", f"b@{OWN.lower()}"),
        "outbound": (f"a@{OWN}", f"b@{OUTSIDE}"),
        "inbound": (f"a@{OUTSIDE}", f"b@{OWN}"),
        "transit": (f"a@{OUTSIDE}", "b@unverified.example"),
        "bounce": ("<>", f"b@{OWN}"),
        "unknown": (None, f"b@{OWN}"),
    }
    told = [
        trace(name, sender_address=sender, recipient_address=recipient)
        for name, (sender, recipient) in pairs.items()
    ]
    collect(engine, TENANT, "message_traces", told)
    before = {row["event_type"] for row in rows(engine, "mailflow").values()}
    assert before == {None}, "without the domains nobody knows"
    domains(engine)
    found = {row["trace_id"]: row["event_type"] for row in rows(engine, "mailflow").values()}
    expected = {name: name for name in pairs} | {"bounce": "inbound", "unknown": None}
    assert found == expected


def test_mail_flow_is_that_of_two_days_with_the_newest_detail(engine: Engine) -> None:
    old, failed = trace("old", received_at=days_ago(2.1)), trace("failed", status="failed")
    collect(engine, TENANT, "message_traces", [old, failed, trace("plain")])
    told = steps(failed, (0, "RECEIVE", "received"), (2, "Fail", "no such user"))
    collect(engine, TENANT, "message_trace_details", told)
    found = {row["trace_id"]: row for row in rows(engine, "mailflow").values()}
    assert set(found) == {"failed", "plain"}
    assert (found["failed"]["details"], found["failed"]["size_kb"]) == ("no such user", 2.0)
    assert found["plain"]["details"] is None


def test_the_delay_is_until_it_was_handed_over_or_until_now(engine: Engine) -> None:
    late, out, waits, failed = (
        trace("late"),
        trace("out", to_ip="198.51.100.7"),
        trace("waits", status="pending"),
        trace("failed", status="failed"),
    )
    collect(engine, TENANT, "message_traces", [late, out, waits, failed, trace("plain")])
    told = [
        *steps(late, (0, "Receive", "r"), (1, "Defer", "busy"), (4, "defer", "full"), (9, "DELIVER", "d")),
        *steps(out, (0, "Receive", "r"), (3, "Send external", "sent")),
        *steps(waits, (0, "Receive", "r"), (2, "Defer", "busy")),
        *steps(failed, (0, "Receive", "r"), (2, "Fail", "no such user")),
    ]  # fmt: skip
    collect(engine, TENANT, "message_trace_details", told)
    found = {str(own).split("/")[0]: row for own, row in rows(engine, "delivery").items()}
    minutes = {name: row["delay_minutes"] for name, row in found.items()}
    assert minutes == {
        "late": 9.0,
        "out": 3.0,
        "waits": pytest.approx(60, abs=5),
        "failed": None,
        "plain": None,
    }
    delayed = {name: row["is_delayed"] for name, row in found.items()}
    assert delayed == {"late": True, "out": False, "waits": True, "failed": None, "plain": None}
    assert (found["late"]["latest_event"], found["late"]["delay_reason"]) == ("DELIVER", "full")
    assert (found["failed"]["latest_event"], found["failed"]["delay_reason"]) == ("Fail", None)
    assert found["late"]["recipient_server"] is None
    assert found["out"]["recipient_server"] == "198.51.100.7"


@pytest.mark.parametrize(
    ("size", "named"),
    [
        (0, "below_1_kb"),
        (1023, "below_1_kb"),
        (1024, "to_100_kb"),
        (102_400, "to_100_kb"),
        (102_401, "to_1_mb"),
        (1_048_577, "to_10_mb"),
        (10_485_760, "to_10_mb"),
        (10_485_761, "above_10_mb"),
    ],
)
def test_sizes_have_classes(engine: Engine, size: int, named: str) -> None:
    collect(engine, TENANT, "message_traces", [trace("a", size=size)])
    [row] = rows(engine, "delivery").values()
    assert row["size_class"] == named


def test_spam_is_what_the_trace_says_was_caught(engine: Engine) -> None:
    told = [
        trace(status, status=status) for status in ("delivered", "filteredAsSpam", "quarantined")
    ]
    collect(engine, TENANT, "message_traces", told)
    found = {row["action"]: row for row in rows(engine, "spam").values()}
    assert set(found) == {"filteredAsSpam", "quarantined"}
    assert [found["filteredAsSpam"][name] for name in ("threat_type", "spam_verdict")] == ["Spam", "spam"]  # fmt: skip
    assert [found["quarantined"][name] for name in ("threat_type", "spam_verdict")] == [None, "quarantined"]  # fmt: skip


def user(engine: Engine) -> None:
    known = {"id": "u", "display_name": "佐藤", "account_enabled": True}
    collect(engine, TENANT, "users", [known])


def recipient(address: str) -> Object:
    return {"emailAddress": {"name": "n", "address": address}}


def rule(name: str, actions: object, **more: object) -> Object:
    return {
        "id": f"u/{name}",
        "user_id": "u",
        "display_name": name,
        "is_enabled": True,
        "has_error": False,
        "actions": actions,
        "conditions": {"subjectContains": ["x"], "hasAttachments": None, "isSigned": False},
        **more,
    }


def test_rules_that_forward_outside_are_found_and_no_others(engine: Engine) -> None:
    user(engine)
    out, own = recipient(f"me@{OUTSIDE}"), recipient(f"me@{OWN}")
    collect(
        engine,
        TENANT,
        "inbox_rules",
        [
            rule("forward", {"forwardTo": [own, out, recipient("me2@sub.contoso.example")]}),
            rule("redirect", {"redirectTo": [out], "delete": True}),
            rule("attach", {"forwardAsAttachmentTo": [out]}, conditions=None),
            rule("off", {"forwardTo": [out]}, is_enabled=False),
            rule("error", {"forwardTo": [out]}, has_error=True),
            rule("inside", {"forwardTo": [own]}),
            rule("x500", {"forwardTo": [recipient("/o=Exchange/cn=Sato")]}),
            rule("moves", {"moveToFolder": "f@x.example", "delete": False}),
            rule("none", None),
            rule("strange", ["forwardTo"]),
        ],
    )
    domains(engine)
    collect(
        engine, TENANT, "mailbox_settings", [{"id": "u", "user_id": "u", "user_purpose": "user"}]
    )
    found = {row["rule_name"]: row for row in rows(engine, "forwarding").values()}
    risks = {name: row["risk_level"] for name, row in found.items()}
    assert risks == {
        "forward": "medium",
        "redirect": "high",
        "attach": "high",
        "off": "low",
        "error": "low",
    }
    assert found["forward"]["forwards_to"] == f"me@{OUTSIDE}, me2@sub.contoso.example"
    assert found["forward"]["outside_count"] == 2
    assert [found[name]["rule_state"] for name in ("forward", "off", "error")] == ["enabled", "disabled", "error"]  # fmt: skip
    assert [found["redirect"][name] for name in ("deletes_message", "forwards_everything")] == [True, False]  # fmt: skip
    assert found["attach"]["forwards_everything"] is True
    assert (found["off"]["user_name"], found["off"]["mailbox_type"]) == ("佐藤", "user")


def test_as_long_as_no_domain_is_known_each_address_counts(engine: Engine) -> None:
    user(engine)
    collect(engine, TENANT, "inbox_rules", [rule("a", {"forwardTo": [recipient(f"me@{OWN}")]})])
    [row] = rows(engine, "forwarding").values()
    assert row["forwards_to"] == f"me@{OWN}"
