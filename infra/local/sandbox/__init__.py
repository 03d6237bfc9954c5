"""The sandbox tenant: Entra ID and Microsoft Graph, seeded and deterministic, over real HTTPS."""
