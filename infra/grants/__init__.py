"""Writes the script that sets up Kanri's app registration in Entra, from what the catalogue declares."""
