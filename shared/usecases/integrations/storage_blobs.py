"""Blob Storage, where anchors of audit chains are kept every quarter of an hour."""

from shared.core.integration import Integration
from shared.core.text import Text
from shared.usecases.anchor_standing import anchor_connection

INTEGRATION = Integration(title=Text("Blob Storage", "Blob Storage"), look=anchor_connection)
