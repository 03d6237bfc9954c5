"""A small, faithful Azure Functions host around Microsoft's own Python library worker.

Triggers: HTTP (streams too), timer, storage queue, polling blob, warm-up. Bindings: HTTP, queue,
blob, table. A function with any other is in error alone, as on the platform without the extension.

Not here: Event Grid and other extensions, SDK types as parameters, CORS and EasyAuth (the
platform's front end), the rewriting of texts that look like dates, merging of chunks of a stream
that arrive together. It is for development and tests, and no evidence about Azure: identities,
scale-out, memory limits and TLS are seen only there.
"""

from infra.local.host.options import HostOptions

__all__ = ["HostOptions", "run"]


def run(options: HostOptions) -> int:
    """Serve the function app until SIGINT or SIGTERM; returns the process exit code."""
    # Imported on use: worker processes import this package and must stay light.
    from infra.local.host.start import serve

    return serve(options)
