"""Mailboxes and mail."""
