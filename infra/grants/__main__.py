"""`python -m infra.grants script|list|link`: grant what the enabled datasets need, and no more."""

import argparse

from infra.grants.permissions import consent_link, needed_permissions
from infra.grants.script import render_script

_AUTHORITY = "https://login.microsoftonline.com"


def main() -> None:
    """Parse the command line and print the script, the list or the link."""
    parser = argparse.ArgumentParser(prog="python -m infra.grants")
    parser.add_argument("--authority", default=_AUTHORITY, help="Entra's authority of the cloud")
    commands = parser.add_subparsers(dest="command", required=True)

    script = commands.add_parser("script", help="a shell script for the home tenant")
    script.add_argument("--client-id", required=True)
    script.add_argument("--principal-id", required=True, help="output KANRI_IDENTITY_PRINCIPAL_ID")
    script.add_argument("--tenant", required=True, help="id of the home tenant")
    listing = commands.add_parser("list", help="the permissions and what each is for")
    for command in (script, listing):
        command.add_argument("--datasets", type=_split, help="comma-separated; default: all")
    link = commands.add_parser("link", help="the consent page for a tenant")
    link.add_argument("--client-id", required=True)
    link.add_argument("--tenant", required=True, help="id or a domain of the tenant")

    print(_answer(parser.parse_args()))


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _answer(options: argparse.Namespace) -> str:
    if options.command == "link":
        return consent_link(options.authority, options.tenant, options.client_id)
    permissions = needed_permissions(options.datasets)
    if options.command == "list":
        return "\n".join(f"{name}: {text.en}" for name, text in permissions.items())
    return render_script(
        options.client_id,
        permissions,
        principal_id=options.principal_id,
        tenant=options.tenant,
        authority=options.authority,
    ).rstrip()


if __name__ == "__main__":
    main()
