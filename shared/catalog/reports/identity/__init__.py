"""Who is in the tenant and how they sign in."""
