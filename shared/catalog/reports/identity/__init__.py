"""Who is in the tenant: accounts, groups, domains, and their sign-ins."""
