"""A small, faithful Azure Functions host around Microsoft's own Python library worker."""

from infra.local.host.options import HostOptions

__all__ = ["HostOptions", "run"]


def run(options: HostOptions) -> int:
    """Serve the function app until SIGINT or SIGTERM; returns the process exit code."""
    # Imported on use: worker processes import this package and must stay light.
    from infra.local.host.start import serve

    return serve(options)
