"""Kanri's own nouns, changed in place: tenants, keys, budgets."""
