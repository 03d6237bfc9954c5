"""What Defender for Office 365 found out about each message it looked at; one row a recipient."""

from datetime import timedelta

from shared.core.collector import (
    EVERY_MEMBER,
    Collector,
    Column,
    Events,
    Get,
    LookBack,
    Permission,
    Slices,
)
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Analyzed emails", "分析済みメール"),
    docs="https://learn.microsoft.com/en-us/graph/api/security-collaborationroot-list-analyzedemails",
    # Two options of its own take the bounds; $select is not known.
    ask=Get(
        "security/collaboration/analyzedEmails",
        service="security",
        selects=False,
        bounds=("startTime", "endTime"),
        top=1_000,
        headers=EVERY_MEMBER,
    ),
    # Verdicts move: what was delivered is taken back hours later.
    extent=Slices(
        "loggedDateTime",
        look_backs=(
            LookBack(every=timedelta(hours=6), reach=timedelta(hours=12)),
            LookBack(every=timedelta(days=1), reach=timedelta(days=3)),
        ),
    ),
    keep=Events("logged_at"),
    columns=(
        Column("logged_at", "loggedDateTime", "timestamp"),
        Column("internet_message_id", "internetMessageId"),
        # The id of the message's traces.
        Column("network_message_id", "networkMessageId", search="prefix"),
        Column("sender_address", "senderDetail/fromAddress", personal=True, whose="itself", folded=True),
        Column("sender_mail_from_address", "senderDetail/mailFromAddress", personal=True, whose="itself"),
        Column("sender_ipv4", "senderDetail/ipv4", personal=True, whose="sender_address"),
        Column("recipient_address", "recipientEmailAddress", personal=True, whose="itself", folded=True),
        Column("subject", "subject", personal=True, whose="sender_address"),
        Column("directionality", "directionality"),
        Column("original_delivery_action", "originalDelivery/action"),
        Column("original_delivery_location", "originalDelivery/location"),
        Column("latest_delivery_action", "latestDelivery/action"),
        Column("latest_delivery_location", "latestDelivery/location"),
        Column("threat_types", "threatTypes", "json"),
        Column("detection_methods", "detectionMethods", "json"),
        Column("spam_confidence_level", "spamConfidenceLevel"),
        Column("phish_confidence_level", "phishConfidenceLevel"),
        Column("bulk_complaint_level", "bulkComplaintLevel"),
        Column("policy", "policy"),
        Column("policy_type", "policyType"),
        Column("policy_action", "policyAction"),
        Column("primary_override_source", "primaryOverrideSource"),
        Column("inbound_connector", "inboundConnectorFormattedName"),
        # To where a mailbox sent it on.
        Column("forwarding_detail", "forwardingDetail", personal=True, whose="anybody"),
        Column("exchange_transport_rules", "exchangeTransportRules", "json"),
        Column("timeline_events", "timelineEvents", "json"),
        Column("size", "sizeInBytes", "int"),
    ),
    permissions=(
        Permission(
            "SecurityAnalyzedMessage.Read.All",
            Text(
                "Read what was found out about messages.",
                "メールの分析結果を読み取ります。",
            ),
            covered_by=("SecurityAnalyzedMessage.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=1),
    licence="Microsoft Defender for Office 365 (Plan 2)",
)  # fmt: skip
