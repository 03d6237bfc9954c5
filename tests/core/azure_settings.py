"""What an app in Azure is told at least: every test of an unsafe setting changes one of these."""

AZURE = {
    "WEBSITE_INSTANCE_ID": "i",
    "KANRI_DATABASE_URL": "postgresql://app@host/kanri?sslmode=verify-full",
    "KANRI_DATABASE_AUTH": "entra",
    "KANRI_TRUSTED_PROXIES": "1",
    "KANRI_SEALING_KEYS": "k1:4uDqzH2mVxk8Qw1sYfTnB7cLrJpE0aGo",
}
