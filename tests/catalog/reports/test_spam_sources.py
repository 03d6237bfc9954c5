"""The spam report reads the best source there is; mail flow names connectors where somebody does."""

import pytest
from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

FROM, TO = "from@fabrikam.example", "To@contoso.example"


def traces(engine: Engine) -> None:
    common: Object = {"received_at": days_ago(0.1), "sender_address": FROM, "recipient_address": TO}
    told = [
        {"id": f"{name}/{TO}", "trace_id": name, "status": status, **common}
        for name, status in (("a", "filteredAsSpam"), ("b", "delivered"), ("c", "quarantined"))
    ]
    collect(engine, TENANT, "message_traces", told)


def analyzed(name: str, threats: list[str], **more: object) -> Object:
    return {
        "id": f"x-{name}",
        "logged_at": days_ago(0.1),
        "network_message_id": name,
        "recipient_address": TO.lower(),
        "sender_address": FROM,
        "threat_types": threats,
        **more,
    }


def hunted(name: str, threats: str, **more: object) -> Object:
    return {
        "id": f"{name}/{TO}",
        "occurred_at": days_ago(0.1),
        "network_message_id": name,
        "recipient_address": TO,
        "sender_address": FROM,
        "threat_types": threats,
        "delivery_action": "Junked",
        **more,
    }


def found(engine: Engine) -> dict[str, dict[str, object]]:
    return rows(engine, "spam", open_ended=("action",))


def test_the_best_source_is_the_only_one(engine: Engine) -> None:
    traces(engine)
    assert {row["source"] for row in found(engine).values()} == {"trace"}
    collect(engine, TENANT, "email_threat_events", [hunted("a", "Spam")])
    assert [row["source"] for row in found(engine).values()] == ["hunting"]
    collect(engine, TENANT, "analyzed_emails", [analyzed("a", ["spam"]), analyzed("c", ["phish"])])
    assert {own: row["source"] for own, row in found(engine).items()} == dict.fromkeys(("x-a", "x-c"), "analyzed")  # fmt: skip


@pytest.mark.parametrize("state", ["not_licensed", "not_permitted"])
def test_who_has_a_source_no_more_goes_by_the_next(engine: Engine, state: str) -> None:
    traces(engine)
    collect(engine, TENANT, "analyzed_emails", [analyzed("a", ["spam"])])
    collect(engine, TENANT, "analyzed_emails", [], state=state)  # type: ignore[arg-type]
    assert {row["source"] for row in found(engine).values()} == {"trace"}
    collect(engine, TENANT, "email_threat_events", [], state=state)  # type: ignore[arg-type]
    assert {row["source"] for row in found(engine).values()} == {"trace"}


def test_the_worst_verdict_stands(engine: Engine) -> None:
    told = {
        "both": analyzed("both", ["phish", "malware"]),
        "phish": analyzed("phish", ["spam", "phish"], spam_confidence_level="9"),
        "sure": analyzed("sure", ["spam"], spam_confidence_level="7"),
        "less": analyzed("less", ["spam"], spam_confidence_level="6"),
        "who knows": analyzed("who knows", ["spam"], spam_confidence_level="High"),
        "bulk": analyzed("bulk", ["none"], bulk_complaint_level="7"),
        "clean": analyzed("clean", ["none"], bulk_complaint_level="6"),
        "unsaid": analyzed("unsaid", []),
    }
    collect(engine, TENANT, "analyzed_emails", list(told.values()))
    verdicts = {own[2:]: row["spam_verdict"] for own, row in found(engine).items()}
    assert verdicts == {
        "both": "malware",
        "phish": "phish",
        "sure": "high",
        "less": "spam",
        "who knows": "spam",
        "bulk": "bulk",
    }
    row = found(engine)["x-both"]
    assert (row["threat_type"], row["spam_score"]) == ("Phish, Malware", None)
    assert found(engine)["x-sure"]["spam_score"] == 7
    assert "x-bulk" not in asked(engine, "spam", bulkLevel=8)


def test_hunting_tells_confidence_and_what_was_done_later(engine: Engine) -> None:
    more: Object = {"confidence_level": '{"Spam":"9"}', "email_action_policy": "", "subject": ""}
    collect(engine, TENANT, "email_threat_events", [hunted("a", "Spam", **more), hunted("b", ""), hunted("c", "", bulk_complaint_level=8)])  # fmt: skip
    later = {
        "id": "l",
        "occurred_at": days_ago(0.05),
        "network_message_id": "a",
        "recipient_address": TO.lower(),
        "action_type": "Spam ZAP",
    }
    collect(engine, TENANT, "email_post_delivery", [later])
    row = found(engine)[f"a/{TO}"]
    names = ("spam_verdict", "spam_score", "action", "policy_name", "subject", "details")
    assert [row[name] for name in names] == ["high", 9, "Junked", None, None, "Spam ZAP"]
    # Somebody's own rule has moved b, which was no threat.
    verdicts = {name: row["spam_verdict"] for name, row in found(engine).items()}
    assert verdicts == {f"a/{TO}": "high", f"c/{TO}": "bulk"}


def test_mail_flow_names_the_connector_by_the_message(engine: Engine) -> None:
    traces(engine)
    before = {row["connector"] for row in rows(engine, "mailflow").values()}
    assert before == {None}
    collect(engine, TENANT, "email_threat_events", [hunted("a", "Spam", connectors="old"), hunted("c", "Spam", connectors="hunted")])  # fmt: skip
    collect(
        engine, TENANT, "analyzed_emails", [analyzed("a", ["spam"], inbound_connector="gateway")]
    )
    told = {row["trace_id"]: row["connector"] for row in rows(engine, "mailflow").values()}
    assert told == {"a": "gateway", "b": None, "c": "hunted"}
