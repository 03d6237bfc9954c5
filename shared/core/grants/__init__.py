"""Who may do what with each noun of the API: one file each, see core.grant."""
