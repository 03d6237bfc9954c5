"""`kanri`, the operator's command."""
