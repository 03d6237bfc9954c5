"""Throttling services of Microsoft Graph: one file each, see budgets.Service."""
