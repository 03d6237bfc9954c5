"""The PowerShell tool's files, read again: what each of them describes, when, and how much is understood."""
