"""The door to Microsoft Graph and Entra tokens."""
