"""The product: core, doors, use cases, catalogue and web, imported in that order only."""
