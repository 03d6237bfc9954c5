"""Delegated permissions: what an application may do for whoever is signed in."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Delta, Get, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Delegated permissions", "委任されたアクセス許可"),
    docs="https://learn.microsoft.com/en-us/graph/api/oauth2permissiongrant-delta",
    ask=Get("oauth2PermissionGrants/delta", page_size=999),
    extent=Delta(),
    columns=(
        # Ids of service principals: of the application, and of what it may use.
        Column("client_id", "clientId", search="prefix", never_null=True),
        # AllPrincipals: an administrator consented for everybody; Principal: one user did.
        Column("consent_type", "consentType"),
        Column("principal_id", "principalId"),
        Column("resource_id", "resourceId", never_null=True),
        # Names with blanks between them, now and then one in front.
        Column("scope", "scope"),
    ),
    permissions=(
        # Nothing narrower reads them: Kanri does without them where it is not granted.
        Permission(
            "Directory.Read.All",
            Text(
                "Read what users and administrators allowed applications to do for them.",
                "ユーザーや管理者がアプリケーションに委任したアクセス許可を読み取ります。",
            ),
            covered_by=("DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"),
        ),
    ),
    every=timedelta(hours=6),
)
