"""Azure Tables, where the heads of audit chains are kept every quarter of an hour."""

from shared.core.integration import Integration
from shared.core.text import Text
from shared.usecases.anchor_standing import anchor_connection

INTEGRATION = Integration(title=Text("Azure Tables", "Azure Tables"), look=anchor_connection)
