"""Phones and computers, and who manages them."""
