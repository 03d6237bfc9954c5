"""Reports: their rows, and the personal data in them."""

from shared.core.grant import Grant

GRANT = Grant({"read": "Kanri.MaskedReader", "personal": "Kanri.Reader"})
