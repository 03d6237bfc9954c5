"""Who we are (azure-identity) and who they are (tokens for our own API)."""
