"""The PowerShell tool's files, as it wrote them, read again."""
