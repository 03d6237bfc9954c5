"""The rows of the spam report, from the best source that the tenant has, one row a recipient.

- What Defender for Office 365 analyzed, where it is licensed and has been read to its end;
- else what hunting found in the same place;
- else what the traces say: filtered as spam or in quarantine.

The worst verdict stands: malware, phish, spam (sure of itself from confidence level 7 on), bulk.
https://learn.microsoft.com/en-us/defender-office-365/anti-spam-spam-confidence-level-scl-about
"""

from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import Text as TextType

from shared.catalog import words
from shared.catalog.expressions import has, joined, listed
from shared.catalog.mail import MESSAGE_STATUS, TWO_DAYS, course
from shared.catalog.table import Col, Table, col, nothing
from shared.core.report import Sources
from shared.core.report_parameters import BULK_LEVEL
from shared.core.text import Text

VERDICT = {
    "malware": Text("Malware", "マルウェア"),
    "phish": Text("Phish", "フィッシング"),
    "high": Text("Spam, high confidence", "高確度スパム"),
    "spam": Text("Spam", "スパム"),
    "bulk": Text("Bulk", "バルク"),
    "quarantined": Text("Quarantined", "検疫"),
}
SOURCE = {
    "analyzed": Text("Defender: analyzed emails", "Defender: 分析済みメール"),
    "hunting": Text("Defender: hunting", "Defender: 高度な検索"),
    "trace": Text("Message trace", "メッセージ追跡"),
}
_SURE = 7
_NOT_HAD = ("not_licensed", "not_permitted")
_CAUGHT = ("filteredAsSpam", "quarantined")
_THREAT = '$[*] ? (@ != "none" && @ != "unknown")'


def is_had(s: Sources, dataset: str) -> ColumnElement[bool]:
    """Tell whether the tenant has a dataset: read to its end once, and not refused for good since."""
    run = s.runs((dataset,)).c
    had = run.complete_at.is_not(None) & run.state.not_in(_NOT_HAD)
    return select(func.coalesce(func.bool_or(had), False)).scalar_subquery()


def _columns(
    at: ColumnElement[Any], sender: ColumnElement[str], recipient: ColumnElement[str],
    subject: ColumnElement[str], message: ColumnElement[str], threat: ColumnElement[str],
    verdict: ColumnElement[str], score: ColumnElement[int], action: ColumnElement[str],
    policy: ColumnElement[str], details: ColumnElement[str], source: str, key: ColumnElement[str],
) -> tuple[Col, ...]:  # fmt: skip
    """The columns that all three have."""
    said = partial(col, personal=False, because="names nobody")
    told: ColumnElement[str] = cast(literal_column(f"'{source}'"), TextType)
    return (
        col("received_at", at, Text("Received", "受信日時")),
        col("sender", sender, words.SENDER),
        col("recipient", recipient, words.RECIPIENT),
        col("subject", subject, words.SUBJECT),
        col("message_id", message, words.MESSAGE_ID),
        said("threat_type", threat, Text("Threat", "検出結果")),
        said("spam_verdict", verdict, Text("Verdict", "スパム判定"), labels=VERDICT),
        said("spam_score", score, Text("Spam confidence", "信頼度")),
        said("action", action, Text("Action", "対策アクション"), labels=MESSAGE_STATUS),
        said("policy_name", policy, Text("Policy", "ポリシー名")),
        col("details", details, words.DETAILS),
        said("source", told, Text("Source", "情報源"), labels=SOURCE),
        col("id", key, words.ID),
    )


def traced(s: Sources) -> Table:
    """What the traces say was caught. Of what is in quarantine they do not say why."""
    traces = s.events("message_traces", within=TWO_DAYS)
    row = traces.c
    way = course(s, row.id)
    is_spam = row.status == "filteredAsSpam"
    verdict = case((is_spam, "spam"), (row.status == "quarantined", "quarantined"))
    return Table(
        traces.outerjoin(way, true()),
        *_columns(
            row.received_at, row.sender_address, row.recipient_address, row.subject, row.message_id,
            case((is_spam, "Spam")), verdict, nothing("int"), row.status, nothing("text"),
            way.c.latest_description, "trace", row.id,
        ),
        where=row.status.in_(_CAUGHT) & ~is_had(s, "analyzed_emails") & ~is_had(s, "email_threat_events"),
    )  # fmt: skip


def analyzed(s: Sources) -> Table:
    """What was analyzed and found to be a threat, or bulk mail."""
    mails = s.events("analyzed_emails", within=TWO_DAYS)
    row = mails.c
    level, bulk = _level(row.spam_confidence_level), _level(row.bulk_complaint_level)
    is_bulk, threats = (
        bulk >= s.parameter(BULK_LEVEL),
        func.initcap(listed(row.threat_types, _THREAT), type_=TextType),
    )
    verdict = _verdict(threats, level, is_bulk)
    details = joined(listed(row.detection_methods, "$[*]"), row.latest_delivery_location,
                     listed(row.timeline_events, "$[*].eventType"))  # fmt: skip
    return Table(
        mails,
        *_columns(
            row.logged_at, row.sender_address, row.recipient_address, row.subject,
            row.internet_message_id, threats, verdict, level,
            func.coalesce(row.policy_action, row.latest_delivery_action), row.policy, details,
            "analyzed", row.id,
        ),
        where=(has(row.threat_types, _THREAT) | is_bulk) & is_had(s, "analyzed_emails"),
    )  # fmt: skip


def hunted(s: Sources) -> Table:
    """What hunting found, with what was done with it after it was delivered."""
    mails = s.events("email_threat_events", within=TWO_DAYS)
    row = mails.c
    level = _level(func.substring(row.confidence_level, '"[Ss]pam"\\s*:\\s*"?(-?\\d+)'))
    later = _later(s, row)
    threats = func.nullif(row.threat_types, "", type_=TextType)
    is_bulk = row.bulk_complaint_level >= s.parameter(BULK_LEVEL)
    details = joined(row.detection_methods, row.latest_delivery_location, later.c.did)
    action = func.coalesce(func.nullif(row.email_action, ""), row.delivery_action, type_=TextType)
    return Table(
        mails.outerjoin(later, true()),
        *_columns(
            row.occurred_at, row.sender_address, row.recipient_address,
            func.nullif(row.subject, "", type_=TextType), row.internet_message_id, threats,
            _verdict(threats, level, is_bulk), level, action,
            func.nullif(row.email_action_policy, "", type_=TextType), details, "hunting", row.id,
        ),
        # It is asked for what was blocked or moved, too, be it for what somebody set up himself.
        where=(threats.is_not(None) | is_bulk)
        & ~is_had(s, "analyzed_emails")
        & is_had(s, "email_threat_events"),
    )  # fmt: skip


def _later(s: Sources, row: Any) -> FromClause:
    """What was done with a message later, one row: `did`. An id begins with the message's own."""
    step = s.events("email_post_delivery").c
    did = func.string_agg(step.action_type.distinct(), ", ", type_=TextType)
    same = (step.network_message_id == row.network_message_id) & (
        step.recipient_address_folded == row.recipient_address_folded
    )
    return select(did.label("did")).where(same).lateral()


def _level(text: ColumnElement[str]) -> ColumnElement[int]:
    """The number of a level; null for what is none."""
    return case((text.op("~")(literal_column("'^-?[0-9]{1,4}$'")), cast(text, BigInteger)))


def _verdict(
    threats: ColumnElement[str], level: ColumnElement[int], is_bulk: ColumnElement[bool]
) -> ColumnElement[str]:
    """Return the code of `VERDICT`; null for what is none of them."""
    return case(
        (threats.icontains("malware"), "malware"),
        (threats.icontains("phish"), "phish"),
        (threats.icontains("spam") & (level >= _SURE), "high"),
        (threats.icontains("spam"), "spam"),
        (is_bulk, "bulk"),
    )
