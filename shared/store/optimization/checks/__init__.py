"""What is looked at in the database: one file each, see core.database_check."""
